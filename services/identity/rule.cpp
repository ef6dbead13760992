#include "identity/rule.hpp"

#include <algorithm>
#include <iterator>
#include <set>

#include "base/printable.hpp"
#include "ca/name_policy.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kLongestRuleName = 64;
constexpr std::size_t kMostConditions = 16;
constexpr std::size_t kLongestCondition = 1024;

struct Condition {
  std::string_view claim;
  std::string_view value;  // without the '*'
  bool begins = false;
};

Condition condition_of(std::string_view text) {
  const std::size_t equals = std::min(text.find('='), text.size());
  Condition condition{text.substr(0, equals), text.substr(std::min(equals + 1, text.size()))};
  condition.begins = condition.value.ends_with('*');
  if (condition.begins) condition.value.remove_suffix(1);
  return condition;
}

std::string folded_group(std::string_view text) {
  std::string lower(text);
  for (char& letter : lower) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return lower;
}

bool holds(std::string_view text, const Claims& claims) {
  const Condition wanted = condition_of(text);
  const auto said = claims.find(std::string(wanted.claim));
  if (said == claims.end()) return false;
  const bool fold = wanted.claim == "groups";
  const std::string value = fold ? folded_group(wanted.value) : std::string(wanted.value);
  return std::any_of(said->second.begin(), said->second.end(), [&](const std::string& one) {
    const std::string has = fold ? folded_group(one) : one;
    return wanted.begins ? has.starts_with(value) : has == value;
  });
}

bool matches(const Rule& rule, const Person& person) {
  return rule.provider == person.provider && !rule.when.empty() &&
         std::all_of(rule.when.begin(), rule.when.end(), [&](const std::string& text) { return holds(text, person.claims); });
}

bool is_rule_name(std::string_view text) {
  return !text.empty() && text.size() <= kLongestRuleName && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

Failure bad_rule(std::string detail, std::string field) {
  return fail(ErrorCode::invalid, "rule-invalid", std::move(detail), std::move(field));
}

Result<void> check_when(const std::vector<std::string>& when) {
  if (when.size() > kMostConditions) return bad_rule("a rule has at most " + std::to_string(kMostConditions) + " conditions", "/when");
  bool pinned = false;
  for (const std::string& text : when) {
    const Condition condition = condition_of(text);
    if (condition.claim.empty() || text.find('=') == std::string::npos || text.size() > kLongestCondition || !is_printable(text)) {
      return bad_rule("\"" + printable(text.substr(0, kLongestCondition)) + "\" is not of the form claim=value", "/when");
    }
    if (condition.value.empty()) {
      return bad_rule(std::string(condition.claim) + " is said to be anything or nothing; say what it must be, or what it must begin with",
                      "/when");
    }
    if (condition.value.find('*') != std::string_view::npos) {
      return bad_rule("a * of " + text + " is not at its end; only what a value begins with can be said", "/when");
    }
    pinned = pinned || (!condition.begins && condition.claim != "iss" && condition.claim != "aud");
  }
  if (pinned) return {};
  return bad_rule(
      "a rule says in full what one claim besides iss and aud must be, groups=pki-admins or repository_id=74: whoever else uses this "
      "provider would match",
      "/when");
}

void unite(std::vector<std::string>& into, const std::vector<std::string>& more) {
  std::set<std::string> all(into.begin(), into.end());
  all.insert(more.begin(), more.end());
  into.assign(all.begin(), all.end());
}

}  // namespace

Result<void> check_rule(const Rule& rule) {
  if (!is_rule_name(rule.id)) return bad_rule("a rule's name is 1 to 64 letters, digits, - and _", "/rule");
  if (!is_rule_name(rule.provider)) return bad_rule("a rule is about one provider, NAME of [ldap.NAME] or [oidc.NAME]", "/provider");
  if (const auto checked = check_when(rule.when); !checked) return checked;
  if (access::row(rule.role).of_daemons) {
    return bad_rule("rules make nobody a " + std::string(access::name(rule.role)) + "; a daemon has a token", "/role");
  }
  if (const auto policy = ca::NamePolicy::make(rule.names, {}); !policy) return forward(policy);
  return {};
}

Result<Granted> judge(const std::vector<Rule>& rules, const Person& person) {
  std::vector<const Rule*> matching;
  for (const Rule& rule : rules) {
    if (matches(rule, person)) matching.push_back(&rule);
  }
  if (matching.empty()) {
    return fail(ErrorCode::unprocessable, "no-rule-matches",
                "no rule of " + person.provider + " says what " + printable(person.subject) +
                    " may do here; an administrator sets one: quicklime rule set");
  }
  Granted granted{matching.front()->role, {}, {}, {}};
  for (const Rule* rule : matching) {
    for (const Rule* other : matching) {
      if (!access::exclude_each_other(rule->role, other->role)) continue;
      return fail(ErrorCode::unprocessable, "roles-exclude",
                  "rule " + rule->id + " makes " + printable(person.subject) + " " + std::string(access::name(rule->role)) + ", rule " +
                      other->id + " makes the same person " + std::string(access::name(other->role)) + ", and nobody is both");
    }
    granted.role = std::min(granted.role, rule->role);
    unite(granted.profiles, rule->profiles);
    unite(granted.names, rule->names);
    granted.rules.push_back(rule->id);
  }
  return granted;
}

}  // namespace quicklime::identity
