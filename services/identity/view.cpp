#include "identity/view.hpp"

#include <span>

#include "views/index_key.hpp"

namespace quicklime::identity {
namespace {

Error too_many_rules() {
  return {ErrorCode::conflict, "rules-full", "there are " + std::to_string(kMostRules) + " rules, and no more are judged by; remove some",
          ""};
}

}  // namespace

std::vector<views::Space> identity_spaces() {
  using Kind = views::SpaceKind;
  return {{kAccounts, Kind::points}, {kRules, Kind::points},      {kUserList, Kind::index},      {kRuleList, Kind::index},
          {kTokenList, Kind::index}, {kSessionList, Kind::index}, {kSessionPlace, Kind::points}, {kClaimEnds, Kind::points}};
}

std::vector<Rule> rules_of(const std::vector<RuleRecord>& records) {
  std::vector<Rule> rules;
  for (const auto& record : records) {
    const auto role = access::parse_role(record.role);
    if (!role) continue;  // of a later version: gives nothing here
    rules.push_back({record.rule.text(), record.provider, record.when, *role, record.profiles, record.names});
  }
  return rules;
}

views::PointKey account_key(const UserId& user) { return {kAccounts, user.text()}; }
views::PointKey rule_key(const RuleId& rule) { return {kRules, rule.text()}; }

async::Task<Result<Subjects>> newest(views::View& view, const char* index, std::string_view group, std::size_t limit,
                                     std::string_view from) {
  views::Scan scan{index, views::group_prefix(group), std::string(from), views::Direction::descending, limit + 1};
  auto keys = co_await view.scan(std::move(scan));
  if (!keys) co_return forward(keys);
  Subjects found{{}, "", keys->meta};
  if (keys->keys.size() > limit) {
    found.next = std::move(keys->keys.back());
    keys->keys.pop_back();
  }
  for (const auto& key : keys->keys) found.subjects.emplace_back(views::subject_of(key));
  co_return found;
}

async::Task<Result<KnownUser>> read_user(views::View& view, UserId user) {
  std::vector<UserId> one(1, std::move(user));
  auto users = co_await read_users(view, std::move(one));
  if (!users) co_return forward(users);
  co_return std::move(users->front());
}

async::Task<Result<std::vector<KnownUser>>> read_users(views::View& view, std::vector<UserId> users) {
  std::vector<views::PointKey> keys;
  for (const auto& user : users) {
    keys.push_back(account_key(user));
    keys.push_back(access::user_key(user));
  }
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  std::vector<KnownUser> all;
  for (auto value = points->values.begin(); value != points->values.end(); value += 2) {
    const auto standing = access::decode_user_standing(value[1]);
    if (!standing) co_return forward(standing);
    KnownUser known{std::move(users[all.size()]), std::nullopt, *standing, points->meta};
    if (value[0]) {
      auto account = decode_account(*value[0]);
      if (!account) co_return forward(account);
      known.account = *std::move(account);
    }
    all.push_back(std::move(known));
  }
  co_return all;
}

async::Task<Result<std::vector<KnownSession>>> read_sessions(views::View& view, std::vector<SessionId> ids) {
  std::vector<views::PointKey> keys;
  for (const auto& id : ids) keys.push_back(access::session_key(id));
  const auto found = co_await view.get(std::move(keys));
  if (!found) co_return forward(found);
  std::vector<KnownSession> sessions;
  std::vector<views::PointKey> standing;
  for (const auto& value : found->values) {
    if (!value) continue;
    auto record = access::decode_session(*value);
    if (!record) co_return forward(record);
    for (auto& key : access::session_standing(record->id, record->user)) standing.push_back(std::move(key));
    sessions.push_back({*std::move(record), false});
  }
  if (sessions.empty()) co_return sessions;
  const std::size_t points_of_one = standing.size() / sessions.size();
  const auto points = co_await view.get(std::move(standing));
  if (!points) co_return forward(points);
  for (std::size_t i = 0; i < sessions.size(); ++i)
    sessions[i].live = access::session_is_live(std::span(points->values).subspan(i * points_of_one, points_of_one));
  co_return sessions;
}

async::Task<Result<std::optional<KnownSession>>> read_session(views::View& view, SessionId id) {
  std::vector<SessionId> one(1, std::move(id));
  auto sessions = co_await read_sessions(view, std::move(one));
  if (!sessions) co_return forward(sessions);
  if (sessions->empty()) co_return std::optional<KnownSession>();
  co_return std::optional(std::move(sessions->front()));
}

async::Task<Result<KnownRules>> read_rules(views::View& view) {
  views::Scan scan{kRuleList, {}, {}, views::Direction::ascending, kMostRules + 1};
  auto listed = co_await view.scan(std::move(scan));
  if (!listed) co_return forward(listed);
  if (listed->keys.size() > kMostRules) co_return fail(too_many_rules());  // one that refuses could be among those left out
  std::vector<views::PointKey> keys;
  for (const auto& rule : listed->keys) keys.push_back(rule_key(RuleId(rule)));
  auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  KnownRules known{{}, points->meta};
  for (const auto& value : points->values) {
    if (!value) continue;
    auto rule = decode_rule(*value);
    if (!rule) co_return forward(rule);  // nobody signs in by some of the rules
    known.rules.push_back(*std::move(rule));
  }
  co_return known;
}

async::Task<Result<std::uint64_t>> provider_version(views::View& view, std::string provider) {
  std::vector<views::PointKey> keys(1, access::provider_key(provider));
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  co_return access::decode_provider_version(points->values.front());
}

}  // namespace quicklime::identity
