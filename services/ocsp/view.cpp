#include "ocsp/view.hpp"

#include <algorithm>

namespace quicklime::ocsp {

std::string status_key(const AuthorityId& authority, const SerialNumber& serial) {
  std::string key = authority.text();
  key.push_back('/');
  key.append(serial.octets());
  return key;
}

Result<Issuers> Issuers::decode(std::optional<std::string> value) {
  auto authorities = ca::decode_authorities(value);
  if (!authorities) return forward(authorities);
  Issuers made;
  made.value_ = std::move(value);
  for (const auto& authority : *authorities) {
    made.issuers_.push_back({authority.id, !authority.parent, pki::OcspIssuer::of(authority.certificate)});
  }
  return made;
}

const Issuers::Issuer* Issuers::issuer_of(const std::vector<pki::OcspCertId>& ids) const {
  const auto named_by_all = [&](const Issuer& issuer) {
    return std::all_of(ids.begin(), ids.end(), [&](const pki::OcspCertId& id) { return issuer.names.matches(id); });
  };
  const auto found = std::find_if(issuers_.begin(), issuers_.end(), named_by_all);
  return found == issuers_.end() ? nullptr : &*found;
}

}  // namespace quicklime::ocsp
