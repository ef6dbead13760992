#pragma once
// Bodies of this role's API.

#include <string>
#include <vector>

#include "access/identity.hpp"
#include "access/session.hpp"
#include "access/token.hpp"
#include "identity/rule.hpp"
#include "identity/sign_in.hpp"
#include "identity/view.hpp"

namespace quicklime::identity {

// ---- sessions. own: the one that asks.
struct ShownSession {
  KnownSession known;
  bool own = false;
};
std::string session_json(const ShownSession& session, Instant now);
std::string sessions_json(const std::vector<ShownSession>& sessions, const views::Meta& meta, Instant now);
// with_text: not where a cookie has it.
std::string signed_in_json(const SignedIn& signed_in, bool with_text, Instant now);
std::string me_json(const access::Identity& who, const std::optional<ShownSession>& session, Instant now);
// How one may sign in, before anybody is known.
std::string ways_json(const std::optional<std::string>& banner, const std::vector<std::string>& directories,
                      const std::vector<std::string>& providers);

// ---- users
std::string user_json(const KnownUser& user);
std::string users_json(const std::vector<KnownUser>& users, const views::Meta& meta);
struct OneTime {
  Secret token;
  Secret url;
  Instant not_after;
};
std::string user_json(const KnownUser& user, const OneTime& one_time);
std::string one_time_json(const OneTime& one_time);

// ---- rules
std::string rule_json(const RuleRecord& rule);
std::string rules_json(const KnownRules& rules);
std::string granted_json(const Granted& granted);

// ---- tokens. The token's own text and its auth key are in the answer that creates it, and nowhere else.
std::string token_json(const access::TokenRecord& token, Instant now);
struct NewTokenSecrets {
  const Secret& text;
  std::optional<Secret> auth_key;      // of CFSSL's clients
  std::optional<Secret> one_time_url;  // of what signs in once
};
std::string new_token_json(const access::TokenRecord& token, const NewTokenSecrets& secrets, Position position, Instant now);
std::string tokens_json(const std::vector<access::TokenRecord>& tokens, const views::Meta& meta, Instant now);

}  // namespace quicklime::identity
