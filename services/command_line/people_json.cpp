#include <nlohmann/json.hpp>

#include "command_line/answer_json.hpp"
#include "command_line/people.hpp"

namespace quicklime::command_line {
namespace {

using PeopleJson = nlohmann::ordered_json;

constexpr const char* kSession = "a session";
constexpr const char* kUser = "a user";
constexpr const char* kRule = "a rule";

std::string of_secret(const Secret& secret) { return std::string(secret.reveal()); }

SessionSummary session_summary(const PeopleJson& json) {
  return {.id = json.at("session").get<std::string>(),
          .user = json.at("user").get<std::string>(),
          .name = text(json, "name"),
          .method = text(json, "method"),
          .role = text(json, "role"),
          .profiles = texts(json, "profiles"),
          .names = texts(json, "names"),
          .created = text(json, "created"),
          .not_after = text(json, "not_after"),
          .ends = text(json, "ends"),
          .ended = text(json, "ended"),
          .failures = json.value("failures", std::uint64_t{0}),
          .status = text(json, "status"),
          .current = json.value("current", false)};
}

UserSummary user_summary(const PeopleJson& json) {
  return {.user = json.at("user").get<std::string>(),
          .name = text(json, "name"),
          .role = text(json, "role"),
          .profiles = texts(json, "profiles"),
          .names = texts(json, "names"),
          .enabled = json.at("enabled").get<bool>(),
          .has_password = json.value("has_password", false),
          .created = text(json, "created"),
          .changed = text(json, "changed"),
          .one_time_url = text(json, "one_time_url")};
}

RuleSummary rule_summary(const PeopleJson& json) {
  return {.id = json.at("rule").get<std::string>(),
          .rule = {.provider = text(json, "provider"),
                   .when = texts(json, "when"),
                   .role = text(json, "role"),
                   .profiles = texts(json, "profiles"),
                   .names = texts(json, "names")},
          .changed = text(json, "changed")};
}

template <class Each>
auto list_of(const PeopleJson& json, const char* member, Each each) {
  std::vector<decltype(each(json))> all;
  for (const auto& one : json.at(member)) all.push_back(each(one));
  return all;
}

PeopleJson grant_json(PeopleJson json, const GrantBody& grant) {
  if (grant.name) json["name"] = *grant.name;
  if (grant.role) json["role"] = *grant.role;
  if (grant.profiles) json["profiles"] = *grant.profiles;
  if (grant.names) json["names"] = *grant.names;
  return json;
}

}  // namespace

std::string sign_in_by_password(const std::string& user, const Secret& password) {
  return PeopleJson{{"user", user}, {"password", of_secret(password)}}.dump();
}
std::string sign_in_by_assertion(const Secret& assertion) { return PeopleJson{{"assertion", of_secret(assertion)}}.dump(); }
std::string sign_in_by_one_time(const Secret& token) { return PeopleJson{{"one_time", of_secret(token)}}.dump(); }

Result<SignedIn> decode_signed_in(const std::string& body) {
  return read_answer<PeopleJson>(body, kSession, [](const PeopleJson& json) {
    return SignedIn{session_summary(json.at("session")), json.at("text").get<std::string>()};
  });
}

Result<SessionSummary> decode_session(const std::string& body) { return read_answer<PeopleJson>(body, kSession, session_summary); }

Result<std::vector<SessionSummary>> decode_sessions(const std::string& body) {
  return read_answer<PeopleJson>(body, "a list of sessions",
                                 [](const PeopleJson& json) { return list_of(json, "sessions", session_summary); });
}

Result<Me> decode_me(const std::string& body) {
  return read_answer<PeopleJson>(body, "who asks", [](const PeopleJson& json) {
    const auto& actor = json.at("actor");
    Me me{.kind = actor.at("kind").get<std::string>(),
          .id = actor.at("id").get<std::string>(),
          .name = text(json, "name"),
          .role = text(json, "role"),
          .profiles = texts(json, "profiles"),
          .names = texts(json, "names"),
          .session = std::nullopt};
    if (json.contains("session") && json["session"].is_object()) me.session = session_summary(json["session"]);
    return me;
  });
}

Result<std::string> decode_banner(const std::string& body) {
  return read_answer<PeopleJson>(body, "the ways of signing in", [](const PeopleJson& json) {
    json.at("ways").size();
    return text(json, "banner");
  });
}

std::string session_alone(const std::string& body) { return PeopleJson::parse(body).at("session").dump(2); }

std::string encode_user(const std::string& user, const GrantBody& grant) { return grant_json(PeopleJson{{"user", user}}, grant).dump(); }
std::string encode(const GrantBody& grant) { return grant_json(PeopleJson::object(), grant).dump(); }

std::string encode_password(const Secret& password, const Secret& old_password) {
  PeopleJson json{{"password", of_secret(password)}};
  if (!old_password.empty()) json["old_password"] = of_secret(old_password);
  return json.dump();
}

Result<UserSummary> decode_user(const std::string& body) { return read_answer<PeopleJson>(body, kUser, user_summary); }

Result<std::vector<UserSummary>> decode_users(const std::string& body) {
  return read_answer<PeopleJson>(body, "a list of users", [](const PeopleJson& json) { return list_of(json, "users", user_summary); });
}

Result<OneTime> decode_one_time(const std::string& body) {
  return read_answer<PeopleJson>(body, "a one-time URL", [](const PeopleJson& json) {
    return OneTime{json.at("one_time_url").get<std::string>(), text(json, "one_time_not_after")};
  });
}

std::string first_sign_in() {
  return PeopleJson{{"name", "first sign-in"}, {"role", "administrator"}, {"single_use", true}, {"lifetime", "10m"}}.dump();
}

std::string encode_one_time(const OneTime& one_time) {
  return PeopleJson{{"one_time_url", one_time.url}, {"one_time_not_after", one_time.not_after}}.dump(2);
}

std::string encode(const RuleBody& rule) {
  PeopleJson json{{"provider", rule.provider}, {"when", rule.when}, {"role", rule.role}};
  // What is not said is what the role has without being told.
  if (!rule.profiles.empty()) json["profiles"] = rule.profiles;
  if (!rule.names.empty()) json["names"] = rule.names;
  return json.dump();
}

Result<RuleSummary> decode_rule(const std::string& body) { return read_answer<PeopleJson>(body, kRule, rule_summary); }

Result<std::vector<RuleSummary>> decode_rules(const std::string& body) {
  return read_answer<PeopleJson>(body, "a list of rules", [](const PeopleJson& json) { return list_of(json, "rules", rule_summary); });
}

std::string encode_rule_test(const std::string& provider, const std::vector<std::string>& claims) {
  return PeopleJson{{"provider", provider}, {"claims", claims}}.dump();
}

Result<RuleTest> decode_rule_test(const std::string& body) {
  return read_answer<PeopleJson>(body, "what rules give", [](const PeopleJson& json) {
    return RuleTest{texts(json, "matches"), json.at("role").get<std::string>(), texts(json, "profiles"), texts(json, "names")};
  });
}

}  // namespace quicklime::command_line
