#include "ca/role_uri.hpp"

#include <algorithm>

namespace quicklime::ca {
namespace {

constexpr std::string_view kScheme = "quicklime:", kRole = "quicklime:role/";

}  // namespace

Result<pki::AlternativeName> role_uri(std::string_view role) {
  return pki::AlternativeName::make(pki::NameKind::uri, std::string(kRole) + std::string(role));
}

bool is_role_uri(const pki::AlternativeName& name) { return name.kind == pki::NameKind::uri && name.value.starts_with(kScheme); }

std::optional<std::string> role_of(const pki::Certificate& certificate) {
  const auto& usages = certificate.extended_key_usages();
  if (std::find(usages.begin(), usages.end(), pki::oid::client_auth) == usages.end()) return std::nullopt;
  const auto& names = certificate.alternative_names();
  const auto found = std::find_if(names.begin(), names.end(), is_role_uri);
  if (found == names.end() || std::count_if(names.begin(), names.end(), is_role_uri) != 1) return std::nullopt;
  return found->value.substr(kRole.size());
}

}  // namespace quicklime::ca
