#include <nlohmann/json.hpp>

#include "crl/authority_changes.hpp"
#include "pki/pem.hpp"

namespace quicklime::crl {

std::string changed_json(const AuthorityId& authority, bool already, Position position) {
  return nlohmann::ordered_json{{"authority", authority.text()}, {"already", already}, {"position", position.text()}}.dump();
}

std::string listed_json(const std::vector<ca::Authority>& all, const ca::SigningKeys& keys, Position position) {
  auto list = nlohmann::ordered_json::array();
  for (const auto& one : all) {
    nlohmann::ordered_json json{{"id", one.id.text()}};
    if (one.parent) json["parent"] = one.parent->text();
    if (one.succeeds) json["succeeds"] = one.succeeds->text();
    json["subject"] = one.certificate.subject().text();
    json["certificate"] = pki::pem_encode("CERTIFICATE", one.certificate.der());
    json["retired"] = one.retired;
    if (one.status.since) {
      json["reason"] = pki::name(one.status.reason);
      json["revoked_at"] = one.status.since->rfc3339_seconds();
    }
    json["not_before"] = one.certificate.not_before().rfc3339_seconds();
    json["not_after"] = one.certificate.not_after().rfc3339_seconds();
    json["key_is_here"] = keys.of(one.id) != nullptr;
    list.push_back(std::move(json));
  }
  return nlohmann::ordered_json{{"authorities", std::move(list)}, {"position", position.text()}}.dump();
}

}  // namespace quicklime::crl
