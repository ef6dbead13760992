#pragma once
// People, their sessions and the rules that give them roles, as the API says them (docs/openapi.yaml, tag identity).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::command_line {

// Of POST /v1/sign-in.
std::string sign_in_by_password(const std::string& user, const Secret& password);
std::string sign_in_by_assertion(const Secret& assertion);
std::string sign_in_by_one_time(const Secret& token);

struct SessionSummary {
  std::string id;
  std::string user;
  std::string name;
  std::string method;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::string created;
  std::string not_after;
  std::string ends;   // when it does if nothing is done until then
  std::string ended;  // empty: it has not
  std::uint64_t failures = 0;
  std::string status;  // "live", "ended", "expired"
  bool current = false;
};
struct SignedIn {
  SessionSummary session;
  std::string text;  // the session's secret
};
Result<SignedIn> decode_signed_in(const std::string& body);
Result<SessionSummary> decode_session(const std::string& body);
Result<std::vector<SessionSummary>> decode_sessions(const std::string& body);

struct Me {
  std::string kind;  // of actor: "user", "token", "unix"
  std::string id;
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  std::optional<SessionSummary> session;
};
Result<Me> decode_me(const std::string& body);

// GET /v1/sign-in: the text that is shown before signing in; empty: none.
Result<std::string> decode_banner(const std::string& body);
// For -o json: the session of an answer, without its text.
std::string session_alone(const std::string& body);

// Members that are not given are left out, and stay as they are; an empty list is given.
struct GrantBody {
  std::optional<std::string> name{};
  std::optional<std::string> role{};
  std::optional<std::vector<std::string>> profiles{};
  std::optional<std::vector<std::string>> names{};
};
std::string encode_user(const std::string& user, const GrantBody& grant);
std::string encode(const GrantBody& grant);
std::string encode_password(const Secret& password, const Secret& old_password);  // an empty old one is left out

struct UserSummary {
  std::string user;  // "local:alice"
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  bool enabled = true;
  bool has_password = false;
  std::string created;
  std::string changed;
  std::string one_time_url;  // only where one was made
};
Result<UserSummary> decode_user(const std::string& body);
Result<std::vector<UserSummary>> decode_users(const std::string& body);

struct OneTime {
  std::string url;
  std::string not_after;
};
Result<OneTime> decode_one_time(const std::string& body);
// POST /v1/tokens of the first sign-in, and of every one after everybody was shut out.
std::string first_sign_in();
// The answer of `login --url -o json`: of a token, with the URL in the place of its text.
std::string encode_one_time(const OneTime& one_time);

struct RuleBody {
  std::string provider;
  std::vector<std::string> when;  // "groups=pki-admins"
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};
std::string encode(const RuleBody& rule);
struct RuleSummary {
  std::string id;
  RuleBody rule;
  std::string changed;
};
Result<RuleSummary> decode_rule(const std::string& body);
Result<std::vector<RuleSummary>> decode_rules(const std::string& body);
// claims: "groups=pki-admins", any number of one name.
std::string encode_rule_test(const std::string& provider, const std::vector<std::string>& claims);
struct RuleTest {
  std::vector<std::string> matches;  // ids of rules
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};
Result<RuleTest> decode_rule_test(const std::string& body);

}  // namespace quicklime::command_line
