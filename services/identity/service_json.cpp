#include "identity/service_json.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"

namespace quicklime::identity {
namespace {

using Json = nlohmann::ordered_json;

// What is not UTF-8 is shown with U+FFFD, never a failure of the whole page.
std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void add_meta(Json& json, const views::Meta& meta) {
  json["position"] = meta.anchor.position.text();
  if (const auto age = views::age(meta)) json["age_seconds"] = static_cast<double>(age->count()) / 1000.0;
}

Json json_of(const ShownSession& shown, Instant now) {
  const access::SessionRecord& session = shown.known.record;
  Json json;
  json["session"] = session.id.text();
  json["user"] = session.user.text();
  json["name"] = session.name;
  json["method"] = session.method;
  json["provider"] = access::provider_of(session.user.text());
  json["role"] = session.role;
  json["profiles"] = session.profiles;
  json["names"] = session.names;
  json["created"] = session.created.rfc3339_seconds();
  json["not_after"] = session.not_after.rfc3339_seconds();
  json["ends"] = session.ends.rfc3339_seconds();
  if (session.ended) json["ended"] = session.ended->rfc3339_seconds();
  json["status"] = !shown.known.live ? "ended" : std::min(session.not_after, session.ends) <= now ? "expired" : "live";
  json["failures"] = session.failures;
  json["current"] = shown.own;
  return json;
}

Json json_of(const KnownUser& shown) {
  Json json;
  json["user"] = shown.user.text();
  json["enabled"] = shown.standing.enabled;
  if (!shown.account) return json;
  const Account& account = *shown.account;
  json["name"] = account.name;
  json["role"] = account.role;
  json["profiles"] = account.profiles;
  json["names"] = account.names;
  json["has_password"] = account.sealed_password.has_value();
  json["created"] = account.created.rfc3339_seconds();
  json["changed"] = account.changed.rfc3339_seconds();
  return json;
}

void add(Json& json, const OneTime& one_time) {
  json["one_time_url"] = one_time.url.reveal();
  json["one_time"] = one_time.token.reveal();
  json["one_time_not_after"] = one_time.not_after.rfc3339_seconds();
}

Json json_of(const RuleRecord& rule) {
  Json json;
  json["rule"] = rule.rule.text();
  json["provider"] = rule.provider;
  json["when"] = rule.when;
  json["role"] = rule.role;
  json["profiles"] = rule.profiles;
  json["names"] = rule.names;
  json["changed"] = rule.changed.rfc3339_seconds();
  return json;
}

Json json_of(const access::TokenRecord& token, Instant now) {
  Json json;
  json["id"] = token.id.text();
  json["name"] = token.name;
  json["role"] = token.role;
  json["profiles"] = token.profiles;
  json["names"] = token.names;
  json["created"] = token.created.rfc3339_seconds();
  json["not_after"] = token.not_after.rfc3339_seconds();
  json["status"] = token.revoked ? "revoked" : token.not_after <= now ? "expired" : "live";
  if (token.single_use) json["single_use"] = true;
  if (token.owner) json["owner"] = token.owner->text();
  return json;
}

}  // namespace

std::string session_json(const ShownSession& session, Instant now) { return text(json_of(session, now)); }

std::string sessions_json(const std::vector<ShownSession>& sessions, const views::Meta& meta, Instant now) {
  Json json;
  json["sessions"] = Json::array();
  for (const auto& session : sessions) json["sessions"].push_back(json_of(session, now));
  add_meta(json, meta);
  return text(json);
}

std::string signed_in_json(const SignedIn& signed_in, bool with_text, Instant now) {
  Json json;
  json["session"] = json_of({{signed_in.session, true}, true}, now);
  if (with_text) json["text"] = signed_in.text.reveal();
  json["position"] = signed_in.position.text();
  return text(json);
}

std::string me_json(const access::Identity& who, const std::optional<ShownSession>& session, Instant now) {
  Json json;
  json["actor"] = {{"kind", name(who.actor.kind)}, {"id", who.actor.id}};
  json["name"] = who.name;
  json["role"] = access::name(who.role);
  json["profiles"] = who.profiles;
  if (session) {
    json["names"] = session->known.record.names;
    json["session"] = json_of(*session, now);
  }
  return text(json);
}

std::string ways_json(const std::optional<std::string>& banner, const std::vector<std::string>& directories,
                      const std::vector<std::string>& providers) {
  Json json;
  if (banner) json["banner"] = *banner;
  json["ways"] = Json::array({{{"way", "password"}}});
  for (const auto& directory : directories) json["ways"].push_back({{"way", "directory"}, {"provider", directory}});
  for (const auto& provider : providers)
    json["ways"].push_back({{"way", "browser"}, {"provider", provider}, {"url", "/v1/sign-in/" + provider}});
  return text(json);
}

std::string user_json(const KnownUser& user) { return text(json_of(user)); }

std::string users_json(const std::vector<KnownUser>& users, const views::Meta& meta) {
  Json json;
  json["users"] = Json::array();
  for (const auto& user : users) json["users"].push_back(json_of(user));
  add_meta(json, meta);
  return text(json);
}

std::string user_json(const KnownUser& user, const OneTime& one_time) {
  Json json = json_of(user);
  add(json, one_time);
  return text(json);
}

std::string one_time_json(const OneTime& one_time) {
  Json json;
  add(json, one_time);
  return text(json);
}

std::string rule_json(const RuleRecord& rule) { return text(json_of(rule)); }

std::string rules_json(const KnownRules& rules) {
  Json json;
  json["rules"] = Json::array();
  for (const auto& rule : rules.rules) json["rules"].push_back(json_of(rule));
  add_meta(json, rules.meta);
  return text(json);
}

std::string granted_json(const Granted& granted) {
  Json json;
  json["matches"] = granted.rules;
  json["role"] = access::name(granted.role);
  json["profiles"] = granted.profiles;
  json["names"] = granted.names;
  return text(json);
}

std::string token_json(const access::TokenRecord& token, Instant now) { return text(json_of(token, now)); }

std::string new_token_json(const access::TokenRecord& token, const NewTokenSecrets& secrets, Position position, Instant now) {
  Json json = json_of(token, now);
  json["token"] = secrets.text.reveal();
  if (secrets.auth_key) json["cfssl_auth_key"] = hex_encode(secrets.auth_key->reveal());
  if (secrets.one_time_url) json["one_time_url"] = secrets.one_time_url->reveal();
  json["position"] = position.text();
  return text(json);
}

std::string tokens_json(const std::vector<access::TokenRecord>& tokens, const views::Meta& meta, Instant now) {
  Json json;
  json["tokens"] = Json::array();
  for (const auto& token : tokens) json["tokens"].push_back(json_of(token, now));
  add_meta(json, meta);
  return text(json);
}

}  // namespace quicklime::identity
