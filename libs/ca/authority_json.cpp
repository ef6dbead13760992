#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/lineage.hpp"

// How a view keeps the authorities: one point with all of them.
namespace quicklime::ca {
namespace {

using Json = nlohmann::json;

constexpr const char* kRevoked = "revoked";  // ca::encode of the status; there only when it is

std::string text(const Json& entry, const char* name) {
  const auto found = entry.is_object() ? entry.find(name) : entry.end();
  return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::optional<AuthorityId> id(const Json& entry, const char* name) {
  auto value = text(entry, name);
  return value.empty() ? std::nullopt : std::optional<AuthorityId>(std::move(value));
}

Json* find(Json& list, const AuthorityId& id) {
  for (Json& entry : list) {
    if (text(entry, "id") == id.text()) return &entry;
  }
  return nullptr;
}

Json list_of(const std::string& value) {
  Json list = Json::parse(value, nullptr, false);
  if (!list.is_array()) throw std::runtime_error("the authorities in the view are not a list of ours; rebuild the view");
  return list;
}

// Most revocations are of no authority: the list is parsed for one of these alone.
void fold_revoked(const events::Event& event, const events::CertificateRevoked& revoked, views::Fold& fold) {
  const views::PointKey key = authorities_key();
  const auto value = fold.get(key.space, key.key);
  if (!value || value->find(revoked.serial.hex()) == std::string::npos) return;
  Json list = list_of(*value);
  for (Json& entry : list) {
    if (text(entry, "serial") != revoked.serial.hex() || text(entry, "parent") != revoked.authority.text()) continue;
    const auto before = decode_status(entry.contains(kRevoked) ? text(entry, kRevoked) : "good");
    if (!before) throw std::runtime_error(before.error().detail);
    if (const auto after = next_status(*before, event.data, event.time, true)) entry[kRevoked] = encode(*after);
  }
  fold.put(key.space, key.key, list.dump());
}

}  // namespace

std::vector<views::PointKey> authority_reads(const events::Event& event) {
  if (std::holds_alternative<events::CertificateRevoked>(event.data)) return {authorities_key()};
  return {};
}

void fold_authority(const events::Event& event, views::Fold& fold) {
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return fold_revoked(event, *revoked, fold);
  const auto* added = std::get_if<events::AuthorityAdded>(&event.data);
  const auto* retired = std::get_if<events::AuthorityRetired>(&event.data);
  if (!added && !retired) return;
  const views::PointKey key = authorities_key();
  // What stands there was written here: anything else is a damaged view, and the exception ends the projection.
  const auto value = fold.get(key.space, key.key);
  Json list = value ? list_of(*value) : Json::array();
  Json* known = find(list, added ? added->authority : retired->authority);
  if (added && !known) {  // an id is for ever one key: a second event of the same id changes nothing
    Json entry{{"id", added->authority.text()}, {"certificate", base64_encode(added->certificate)}};
    if (const auto certificate = pki::Certificate::parse(added->certificate)) entry["serial"] = certificate->serial().hex();
    if (added->parent) entry["parent"] = added->parent->text();
    if (added->succeeds) entry["succeeds"] = added->succeeds->text();
    list.push_back(std::move(entry));
  } else if (retired && known) {
    (*known)["retired"] = true;
  }
  fold.put(key.space, key.key, list.dump());
}

Result<std::vector<Authority>> decode_authorities(const std::optional<std::string>& value) {
  std::vector<Authority> authorities;
  const Json list = value ? Json::parse(*value, nullptr, false) : Json::array();
  if (!list.is_array())
    return fail(ErrorCode::internal, "authority-undecodable", "the authorities in the view are not a list of ours; rebuild the view");
  for (const Json& entry : list) {
    const auto der = base64_decode(text(entry, "certificate"));
    auto certificate = pki::Certificate::parse(der.value_or(""));
    if (!certificate) {
      return fail(ErrorCode::internal, "authority-undecodable",
                  "the certificate of authority " + text(entry, "id") + " does not parse: " + certificate.error().detail);
    }
    auto status = decode_status(entry.contains(kRevoked) ? text(entry, kRevoked) : "good");
    if (!status) return forward(status);
    authorities.push_back({AuthorityId(text(entry, "id")), id(entry, "parent"), *std::move(certificate), entry.contains("retired"),
                           *std::move(status), id(entry, "succeeds")});
  }
  return authorities;
}

Lineage Lineage::decode(const std::optional<std::string>& value) {
  std::map<AuthorityId, Place> places;
  const Json list = value ? Json::parse(*value, nullptr, false) : Json::array();
  for (const Json& entry : list) places.insert_or_assign(AuthorityId(text(entry, "id")), Place{id(entry, "parent"), id(entry, "succeeds")});
  return Lineage(std::move(places));
}

Result<void> require_not_revoked(const std::optional<std::string>& value, const AuthorityId& issuer) {
  // A member's name stands before a colon, where no text of ours does.
  if (!value || value->find('"' + std::string(kRevoked) + "\":") == std::string::npos) return {};
  const auto authorities = decode_authorities(value);
  if (!authorities) return forward(authorities);
  if (const auto* revoked = revoked_of(issuer, *authorities)) return authority_revoked(*revoked);
  return {};
}

}  // namespace quicklime::ca
