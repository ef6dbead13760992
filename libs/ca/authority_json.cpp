#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "ca/authority.hpp"

// How a view keeps the authorities: one point with all of them.
namespace quicklime::ca {
namespace {

using Json = nlohmann::json;

Json* find(Json& list, const AuthorityId& id) {
  for (Json& entry : list) {
    if (entry.value("id", "") == id.text()) return &entry;
  }
  return nullptr;
}

}  // namespace

void fold_authority(const events::Event& event, views::Fold& fold) {
  const auto* added = std::get_if<events::AuthorityAdded>(&event.data);
  const auto* retired = std::get_if<events::AuthorityRetired>(&event.data);
  if (!added && !retired) return;
  const views::PointKey key = authorities_key();
  // What stands there was written here: anything else is a damaged view, and the exception ends the projection.
  const auto value = fold.get(key.space, key.key);
  Json list = value ? Json::parse(*value) : Json::array();
  Json* known = find(list, added ? added->authority : retired->authority);
  if (added && !known) {  // an id is for ever one key: a second event of the same id changes nothing
    Json entry{{"id", added->authority.text()}, {"certificate", base64_encode(added->certificate)}};
    if (added->parent) entry["parent"] = added->parent->text();
    list.push_back(std::move(entry));
  } else if (retired && known) {
    (*known)["retired"] = true;
  }
  fold.put(key.space, key.key, list.dump());
}

Result<std::vector<Authority>> decode_authorities(const std::optional<std::string>& value) {
  std::vector<Authority> authorities;
  const Json list = value ? Json::parse(*value, nullptr, false) : Json::array();
  if (!list.is_array()) return fail(ErrorCode::internal, "authority-undecodable", "the authorities in the view are not a list of ours");
  for (const Json& entry : list) {
    const std::string parent = entry.value("parent", "");
    const auto der = base64_decode(entry.value("certificate", ""));
    auto certificate = pki::Certificate::parse(der.value_or(""));
    if (!certificate) {
      return fail(ErrorCode::internal, "authority-undecodable",
                  "the certificate of authority " + entry.value("id", "") + " does not parse: " + certificate.error().detail);
    }
    authorities.push_back({AuthorityId(entry.value("id", "")),
                           parent.empty() ? std::nullopt : std::optional<AuthorityId>(AuthorityId(parent)), *std::move(certificate),
                           entry.value("retired", false)});
  }
  return authorities;
}

}  // namespace quicklime::ca
