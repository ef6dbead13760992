#pragma once
// What this role's view holds beside what every role knows of people (access/session.hpp): who they are, their sealed passwords, the rules,
// and lists of all of it.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "access/session.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "identity/rule.hpp"
#include "views/view.hpp"

namespace quicklime::identity {

// A person of this CA; or one of another provider, whom nothing here names but that he is disabled.
struct Account {
  UserId user;
  EventId made_by;  // the first user.created of a name stands
  std::string name;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  Instant created;
  Instant changed;
  std::optional<std::string> sealed_password{};  // octets (Passwords::sealed)
};
std::string encode(const Account& account);
Result<Account> decode_account(std::string_view value);

struct RuleRecord {
  RuleId rule;
  std::string provider;
  std::vector<std::string> when;
  std::string role;
  std::vector<std::string> profiles;
  std::vector<std::string> names;
  Instant changed;
};
std::string encode(const RuleRecord& rule);
Result<RuleRecord> decode_rule(std::string_view value);
// As they are judged: those whose role this version knows.
std::vector<Rule> rules_of(const std::vector<RuleRecord>& records);

inline constexpr const char* kAccounts = "account";            // user -> Account
inline constexpr const char* kRules = "rule";                  // rule -> RuleRecord
inline constexpr const char* kUserList = "user_list";          // user
inline constexpr const char* kRuleList = "rule_list";          // rule
inline constexpr const char* kTokenList = "token_list";        // offset, token
inline constexpr const char* kSessionList = "session_list";    // "*" or a user, offset, session
inline constexpr const char* kSessionPlace = "session_place";  // session -> its user and offset, for when it leaves the lists
inline constexpr const char* kClaimEnds = "claim_end";         // which once keys of sessions may be forgotten when (ca/expiry.hpp)
inline constexpr std::string_view kEverybodysSessions = "*";
std::vector<views::Space> identity_spaces();
views::PointKey account_key(const UserId& user);
views::PointKey rule_key(const RuleId& rule);

// The newest of a list first, of an index with keys of views/index_key.hpp; at most `limit`, from the key `from` of an earlier page on.
struct Subjects {
  std::vector<std::string> subjects;
  std::string next;  // "": that was all
  views::Meta meta;
};
async::Task<Result<Subjects>> newest(views::View& view, const char* index, std::string_view group, std::size_t limit,
                                     std::string_view from = "");

// ---- what several routes read
struct KnownUser {
  UserId user;
  std::optional<Account> account;  // nullopt: of another provider, or nobody
  access::UserStanding standing;   // version 0: no event names him
  views::Meta meta;
};
async::Task<Result<KnownUser>> read_user(views::View& view, UserId user);
// In the same order; one read, however many they are.
async::Task<Result<std::vector<KnownUser>>> read_users(views::View& view, std::vector<UserId> users);
struct KnownSession {
  access::SessionRecord record;
  bool live;
};
// Those that are still in the view; two reads, however many they are.
async::Task<Result<std::vector<KnownSession>>> read_sessions(views::View& view, std::vector<SessionId> ids);
async::Task<Result<std::optional<KnownSession>>> read_session(views::View& view, SessionId id);
inline constexpr std::size_t kMostRules = 1'000;
struct KnownRules {
  std::vector<RuleRecord> rules;
  views::Meta meta;
};
// "rules-full" where there are more.
async::Task<Result<KnownRules>> read_rules(views::View& view);
async::Task<Result<std::uint64_t>> provider_version(views::View& view, std::string provider);

}  // namespace quicklime::identity
