#include "identity/rule.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicklime::identity {
namespace {

using access::Role;
using testing::ElementsAre;
using testing::HasSubstr;

Person person(Claims claims) { return {"acme", "alice", "Alice", std::move(claims)}; }
Rule rule(std::vector<std::string> when, Role role = Role::requester) { return {"r", "acme", std::move(when), role}; }
bool matches(const std::string& condition, Claims claims) { return judge({rule({condition})}, person(std::move(claims))).has_value(); }

std::string refusal(const Rule& rule) {
  const auto checked = check_rule(rule);
  return checked ? "taken" : checked.error().reason + " " + checked.error().field;
}
std::string refusal_of(std::vector<std::string> when) { return refusal(rule(std::move(when))); }

TEST(Rules, AreOfOneProvider) {
  const Rule theirs{"admins", "other", {"groups=pki-admins"}, Role::administrator};
  const auto judged = judge({theirs}, person({{"groups", {"pki-admins"}}}));
  ASSERT_FALSE(judged);
  EXPECT_EQ(judged.error().reason, "no-rule-matches");
  EXPECT_THAT(judged.error().detail, HasSubstr("acme"));
}

TEST(Rules, CompareGroupsWithoutCaseAndTheRestExactly) {
  EXPECT_TRUE(matches("groups=PKI-admins", {{"groups", {"staff", "pki-Admins"}}}));
  EXPECT_FALSE(matches("groups=pki-admins", {{"groups", {"pki-admins2"}}}));
  EXPECT_FALSE(matches("groups=pki-admins", {{"group", {"pki-admins"}}}));
  EXPECT_TRUE(matches("sub=repo:acme/app", {{"sub", {"repo:acme/app"}}}));
  EXPECT_FALSE(matches("sub=repo:acme/app", {{"sub", {"repo:Acme/app"}}}));
  EXPECT_TRUE(matches("dn=uid=alice,dc=acme", {{"dn", {"uid=alice,dc=acme"}}})) << "a value may hold =";
}

TEST(Rules, MayGiveTheBeginningOfAValue) {
  EXPECT_TRUE(matches("ref=refs/heads/*", {{"ref", {"refs/heads/main"}}}));
  EXPECT_FALSE(matches("ref=refs/heads/*", {{"ref", {"refs/tags/v1"}}}));
  EXPECT_FALSE(matches("ref=refs/heads/*", {{"ref", {"x/refs/heads/main"}}}));
  EXPECT_TRUE(matches("groups=pki-*", {{"groups", {"PKI-Admins"}}}));
  EXPECT_FALSE(matches("ref=refs/heads/main", {{"ref", {"refs/heads/*"}}})) << "what the provider says is no pattern";
}

TEST(Rules, MatchWhenAllOfThemHolds) {
  const Rule both = rule({"repository_id=74", "ref=refs/heads/main"});
  const auto with = [&](const char* repository, const char* ref) {
    return judge({both}, person({{"repository_id", {repository}}, {"ref", {ref}}})).has_value();
  };
  EXPECT_TRUE(with("74", "refs/heads/main"));
  EXPECT_FALSE(with("75", "refs/heads/main"));
  EXPECT_FALSE(with("74", "refs/heads/other"));
  EXPECT_FALSE(judge({both}, person({{"repository_id", {"74"}}}))) << "a claim that is missing is not there";
  EXPECT_FALSE(judge({rule({})}, person({{"sub", {"alice"}}}))) << "a rule that asks nothing holds for nobody";
}

TEST(Rules, GiveTheStrongerRoleAndAllThatTheyGive) {
  Rule web = rule({"groups=web"});
  web.id = "web";
  web.profiles = {"server", "client"};
  web.names = {"*.web.internal"};
  Rule mail = rule({"groups=mail"});
  mail.id = "mail";
  mail.profiles = {"server"};
  mail.names = {"*.mail.internal", "*.web.internal"};
  Rule admins = rule({"groups=admins"}, Role::administrator);
  admins.id = "admins";
  const std::vector<Rule> all{web, mail, admins};

  const auto both = judge(all, person({{"groups", {"mail", "web"}}}));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->role, Role::requester);
  EXPECT_THAT(both->profiles, ElementsAre("client", "server"));
  EXPECT_THAT(both->names, ElementsAre("*.mail.internal", "*.web.internal"));
  EXPECT_THAT(both->rules, ElementsAre("web", "mail"));
  EXPECT_EQ(judge(all, person({{"groups", {"mail", "admins"}}}))->role, Role::administrator);
}

TEST(Rules, RefuseRolesOfWhichNobodyHasBothNamingTheRules) {
  Rule watch = rule({"groups=watchers"}, Role::auditor);
  watch.id = "watch";
  Rule rule_all = rule({"groups=admins"}, Role::administrator);
  rule_all.id = "rule-all";
  for (const auto& rules : {std::vector<Rule>{watch, rule_all}, std::vector<Rule>{rule_all, watch}}) {
    const auto judged = judge(rules, person({{"groups", {"admins", "watchers"}}}));
    ASSERT_FALSE(judged);
    EXPECT_EQ(judged.error().reason, "roles-exclude");
    EXPECT_THAT(judged.error().detail, HasSubstr("rule watch makes"));
    EXPECT_THAT(judged.error().detail, HasSubstr("rule rule-all makes"));
    EXPECT_TRUE(judge(rules, person({{"groups", {"watchers"}}})));
  }
}

TEST(Rules, PinOneClaimInFullBesidesIssuerAndAudience) {
  EXPECT_EQ(refusal_of({"groups=pki-admins"}), "taken");
  EXPECT_EQ(refusal_of({"repository_id=74", "sub=repo:acme/app:*"}), "taken");
  EXPECT_EQ(refusal_of({}), "rule-invalid /when");
  EXPECT_EQ(refusal_of({"iss=https://login.internal", "aud=quicklime"}), "rule-invalid /when");
  EXPECT_EQ(refusal_of({"sub=repo:acme*"}), "rule-invalid /when") << "acme-evil begins so too";
  for (const char* malformed : {"", "groups", "=x", "groups=", "groups=*", "sub=*:main", "sub=repo:*/app", "sub=a**", "a=b\nc"}) {
    EXPECT_EQ(refusal_of({"repository_id=74", malformed}), "rule-invalid /when") << malformed;
  }
  EXPECT_EQ(refusal_of(std::vector<std::string>(17, "groups=a")), "rule-invalid /when");
}

TEST(Rules, MakeNobodyAProcess) {
  EXPECT_EQ(refusal(rule({"groups=a"}, Role::process)), "rule-invalid /role");
  for (const Role role : {Role::administrator, Role::requester, Role::auditor}) EXPECT_EQ(refusal(rule({"groups=a"}, role)), "taken");
}

TEST(Rules, HaveNamesAndPatternsOfNames) {
  Rule one = rule({"groups=a"});
  one.names = {"**.*"};
  EXPECT_THAT(refusal(one), HasSubstr("pattern-malformed"));
  one.names = {"*.web.internal"};
  one.id = "a b";
  EXPECT_EQ(refusal(one), "rule-invalid /rule");
  one.id = "web";
  one.provider = "";
  EXPECT_EQ(refusal(one), "rule-invalid /provider");
}

}  // namespace
}  // namespace quicklime::identity
