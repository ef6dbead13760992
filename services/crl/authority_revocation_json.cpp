#include <nlohmann/json.hpp>

#include "crl/authority_revocation.hpp"
#include "pki/crl.hpp"

namespace quicklime::crl {

std::string json_of(const RevokedAuthority& revoked) {
  const auto& [authority, status, already, published, position] = revoked;
  nlohmann::ordered_json json{{"authority", authority.id.text()},
                              {"serial", authority.certificate.serial().hex()},
                              {"reason", std::string(pki::name(status.reason))}};
  if (status.since) json["revoked_at"] = status.since->rfc3339_seconds();
  if (authority.parent) json["crl_of"] = authority.parent->text();
  json["already"] = already;
  json["published"] = published;
  json["position"] = position.text();
  return json.dump();
}

}  // namespace quicklime::crl
