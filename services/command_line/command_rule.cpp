// rule set, list, remove, test: what people of directories and programs with assertions may do.

#include <algorithm>
#include <cstdio>

#include "access/role.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"
#include "command_line/people.hpp"

namespace quicklime::command_line {
namespace {

using runtime::Arguments;
using runtime::ExitCode;
using runtime::Option;

std::string rule_target(const Arguments& arguments) { return "/v1/rules/" + http::percent_encode(arguments.text("RULE")); }

// "groups=pki-admins" and nothing without a name or a value.
Result<std::vector<std::string>> claims_of(const Arguments& arguments, const std::string& option) {
  auto claims = arguments.texts(option);
  for (const auto& claim : claims) {
    const auto equals = claim.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == claim.size()) {
      return wrong_use(option + " takes CLAIM=VALUE, as in groups=pki-admins, not '" + claim + "'");
    }
  }
  return claims;
}

void print_rule(const RuleSummary& rule) {
  std::printf("%s: who comes by %s with %s is %s\n  profiles: %s\n  names:    %s\n", rule.id.c_str(), rule.rule.provider.c_str(),
              joined(rule.rule.when, " and ").c_str(), rule.rule.role.c_str(), or_dash(joined(rule.rule.profiles, " ")).c_str(),
              or_dash(joined(rule.rule.names, " ")).c_str());
}

ExitCode run_rule_set(const Arguments& arguments) {
  const auto when = claims_of(arguments, "--when");
  if (!when) return report(when.error());
  auto remote = Remote::connect(arguments, "rule set");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->put(rule_target(arguments), encode(RuleBody{.provider = arguments.text("--provider"),
                                                                             .when = *when,
                                                                             .role = arguments.text("--role"),
                                                                             .profiles = arguments.texts("--profiles"),
                                                                             .names = arguments.texts("--names")}));
  if (!answer) return report(answer.error());
  const auto rule = decode_rule(*answer);
  if (!rule) return report(rule.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  print_rule(*rule);
  std::fprintf(stderr, "The sessions of everybody who came by %s have ended: they are judged anew at the next sign-in.\n",
               rule->rule.provider.c_str());
  return ExitCode::ok;
}

ExitCode run_rule_list(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "rule list");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->get("/v1/rules");
  if (!answer) return report(answer.error());
  const auto rules = decode_rules(*answer);
  if (!rules) return report(rules.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::vector<std::vector<std::string>> rows{{"RULE", "PROVIDER", "WHEN", "ROLE", "PROFILES", "NAMES"}};
  for (const auto& [id, rule, changed] : *rules) {
    rows.push_back(
        {id, rule.provider, joined(rule.when, " and "), rule.role, or_dash(joined(rule.profiles, " ")), or_dash(joined(rule.names, " "))});
  }
  std::printf("%s", rules->empty() ? "No rules yet: nobody but local users signs in.\n" : table(rows).c_str());
  return ExitCode::ok;
}

ExitCode run_rule_remove(const Arguments& arguments) {
  auto remote = Remote::connect(arguments, "rule remove");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->remove(rule_target(arguments));
  if (!answer) return report(answer.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
  } else {
    std::printf("Removed: rule %s, and the sessions that were made by its provider's rules have ended.\n", arguments.text("RULE").c_str());
  }
  return ExitCode::ok;
}

ExitCode run_rule_test(const Arguments& arguments) {
  const auto claims = claims_of(arguments, "--claim");
  if (!claims) return report(claims.error());
  auto remote = Remote::connect(arguments, "rule test");
  if (!remote) return report(remote.error());
  const auto answer = (*remote)->post("/v1/rules/test", encode_rule_test(arguments.text("--provider"), *claims));
  if (!answer) return report(answer.error());
  const auto test = decode_rule_test(*answer);
  if (!test) return report(test.error());
  if (arguments.text("--output") == "json") {
    std::printf("%s\n", answer->c_str());
    return ExitCode::ok;
  }
  std::printf("%s, by %s\n  profiles: %s\n  names:    %s\n", test->role.c_str(), joined(test->matches, ", ").c_str(),
              or_dash(joined(test->profiles, " ")).c_str(), or_dash(joined(test->names, " ")).c_str());
  return ExitCode::ok;
}

Option which_rule() { return {.name = "RULE", .value = "RULE", .help = "its name: admins", .required = true}; }
Option which_provider() { return {.name = "--provider", .value = "NAME", .help = "NAME of [ldap.NAME] or [oidc.NAME]", .required = true}; }

}  // namespace

std::vector<runtime::Command> rule_commands() {
  std::vector<std::string> role_names;  // those that a rule gives: never that of a process
  for (const auto& row : access::roles()) {
    if (!row.of_daemons) role_names.emplace_back(row.name);
  }
  return {
      {.name = "rule set",
       .purpose = "Say what people of a directory, or programs with an assertion, may do",
       .examples = {"quicklime rule set admins --provider acme --when groups=pki-admins --role administrator",
                    "quicklime rule set web-ci --provider ci --when repository_id=42 --when ref=refs/heads/main --role requester --names "
                    "'*.web.internal'"},
       .options = {which_rule(),
                   which_provider(),
                   {.name = "--when",
                    .value = "CLAIM=VALUE",
                    .help = "all of them must hold; groups in any letter case, everything else exactly; for a program at least one that it "
                            "cannot choose",
                    .many = true,
                    .required = true},
                   {.name = "--role", .value = "ROLE", .help = "what they may do", .required = true, .choices = role_names},
                   {.name = "--names",
                    .value = "PATTERN",
                    .help = "which names may be asked for: api.internal, *.load.internal, **.internal, 10.0.0.0/8",
                    .many = true},
                   {.name = "--profiles", .value = "PROFILE", .help = "which profiles", .many = true}},
       .run = run_rule_set},
      {.name = "rule list", .purpose = "List the rules", .examples = {"quicklime rule list"}, .options = {}, .run = run_rule_list},
      {.name = "rule remove",
       .purpose = "Remove a rule",
       .examples = {"quicklime rule remove admins"},
       .options = {which_rule()},
       .run = run_rule_remove},
      {.name = "rule test",
       .purpose = "Show what the rules give to somebody, and which",
       .examples = {"quicklime rule test --provider acme --claim groups=pki-admins --claim groups=staff"},
       .options = {which_provider(),
                   {.name = "--claim",
                    .value = "CLAIM=VALUE",
                    .help = "what the directory or the provider would say",
                    .many = true,
                    .required = true}},
       .run = run_rule_test}};
}

}  // namespace quicklime::command_line
