#include "identity/view.hpp"

#include <algorithm>

#include "base/logging.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kNumberDigits = 16;

Error too_many_rules() {
  return {ErrorCode::conflict, "rules-full", "there are " + std::to_string(kMostRules) + " rules, and no more are judged by; remove some",
          ""};
}

std::string number_text(std::uint64_t number) {
  std::string text(kNumberDigits, '0');
  for (auto digit = text.rbegin(); number > 0; ++digit, number >>= 4) *digit = "0123456789abcdef"[number & 0xF];
  return text;
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

std::string list_prefix(std::string_view group) {
  std::string prefix(group);
  prefix += '\0';
  return prefix;
}

std::string list_key(std::string_view group, std::uint64_t offset, std::string_view subject) {
  return list_prefix(group).append(number_text(offset)).append(subject);
}

std::string_view subject_of(std::string_view list_key) {
  const auto number = list_key.rfind('\0') + 1;  // 0 when there is none
  return list_key.substr(std::min(list_key.size(), number + kNumberDigits));
}

async::Task<Result<Subjects>> newest(views::View& view, const char* index, std::string_view group, std::size_t limit) {
  views::Scan scan{index, list_prefix(group), {}, views::Direction::descending, limit};
  auto keys = co_await view.scan(std::move(scan));
  if (!keys) co_return forward(keys);
  Subjects found{{}, keys->meta};
  for (const auto& key : keys->keys) found.subjects.emplace_back(subject_of(key));
  co_return found;
}

async::Task<Result<KnownUser>> read_user(views::View& view, UserId user) {
  std::vector<views::PointKey> keys{account_key(user), access::user_key(user)};
  auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  auto standing = access::decode_user_standing(points->values[1]);
  if (!standing) co_return forward(standing);
  KnownUser known{std::nullopt, *standing, points->meta};
  if (points->values[0]) {
    auto account = decode_account(*points->values[0]);
    if (!account) co_return forward(account);
    known.account = *std::move(account);
  }
  co_return known;
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
