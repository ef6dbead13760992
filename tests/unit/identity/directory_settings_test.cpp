// [ldap.NAME] that cannot work, or would let in the wrong people, is refused when it is read.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "identity/settings.hpp"
#include "settings/configuration.hpp"
#include "settings/rows.hpp"

namespace quicklime::identity {
namespace {

using testing::HasSubstr;

const char* const kByService = R"([ldap.acme]
url = "ldaps://ldap.acme.internal"
bind_dn = "cn=quicklime,dc=acme"
bind_password_file = "/etc/quicklime/ldap"
user_base = "ou=people,dc=acme"
)";
const char* const kByThemselves = R"([ldap.acme]
url = "ldap://[2001:db8::1]:389"
user_dn = "uid={name},ou=people,dc=acme"
)";

Result<settings::Configuration> read_settings(const std::string& toml) {
  return settings::parse_configuration(toml, "quicklime.toml", {rows()});
}

// What is said when this key is another, or one more.
std::string refusal(std::string toml, const std::string& key, const std::string& value) {
  const std::string line = key + " = \"" + value + "\"";
  if (const auto old = toml.find("\n" + key + " ="); old != std::string::npos) toml.erase(old + 1, toml.find('\n', old + 1) - old);
  auto configuration = read_settings(toml + line + "\n");
  EXPECT_FALSE(configuration) << line;
  return configuration ? "" : configuration.error().detail;
}

TEST(DirectorySettings, AServiceAccountOrWhoeverSignsInBinds) {
  const auto by_service = read_settings(kByService);
  ASSERT_TRUE(by_service) << by_service.error().detail;
  EXPECT_EQ(by_service->of<Settings>().ldap.at("acme").user_filter, "(uid={name})");
  EXPECT_TRUE(by_service->of<Settings>().ldap.at("acme").nested);
  const auto by_themselves = read_settings(kByThemselves);
  ASSERT_TRUE(by_themselves) << by_themselves.error().detail;
  EXPECT_THAT(refusal(kByService, "user_dn", "uid={name},dc=acme"), HasSubstr("either a service account"));
  EXPECT_THAT(refusal(kByThemselves, "user_dn", ""), HasSubstr("either a service account"));
}

TEST(DirectorySettings, WithoutAPasswordTheServiceAccountWouldBeNobody) {
  EXPECT_THAT(refusal(kByService, "bind_password_file", ""), HasSubstr("would be nobody"));
  EXPECT_THAT(refusal(kByThemselves, "bind_password_file", "/etc/quicklime/ldap"), HasSubstr("no service account"));
}

TEST(DirectorySettings, TheUrlIsADirectoryAndNothingElse) {
  for (const char* good : {"ldap://h", "ldaps://h:636", "ldaps://10.0.0.1", "ldap://[::1]"}) {
    const auto configuration = read_settings(std::string(kByThemselves).replace(std::string(kByThemselves).find("ldap://"), 24, good));
    EXPECT_TRUE(configuration) << good << ": " << configuration.error().detail;
  }
  for (const char* bad :
       {"", "h", "http://h", "ldapi://%2Frun", "ldap://", "ldap://:389", "ldap://h:0", "ldap://h:65536", "ldap://h:x", "ldap://h/dc=acme",
        "ldap://h:389/", "ldap://a ldap://b", "ldap://u@h", "ldap://[::1", "ldap://::1", "ldap://h?x"}) {
    EXPECT_THAT(refusal(kByService, "url", bad), HasSubstr("ldaps://HOST")) << bad;
  }
  EXPECT_THAT(refusal(kByService, "url", "ldaps://localhost:636"), HasSubstr("127.0.0.1"));
}

TEST(DirectorySettings, WhatIsTypedHasAPlace) {
  EXPECT_THAT(refusal(kByService, "user_base", ""), HasSubstr("below which entry"));
  EXPECT_THAT(refusal(kByService, "user_filter", "(uid=alice)"), HasSubstr("{name}"));
  EXPECT_THAT(refusal(kByService, "user_filter", "uid={name}"), HasSubstr("in parentheses"));
  EXPECT_THAT(refusal(kByService, "user_filter", "(&(a=b)(uid={name})"), HasSubstr("in parentheses"));
  EXPECT_THAT(refusal(kByService, "user_filter", "(uid:caseExactMatch:={name})"), HasSubstr("matching rule"));
  EXPECT_THAT(refusal(kByThemselves, "user_dn", "{name}@acme.internal"), HasSubstr("use a service account"));
  EXPECT_THAT(refusal(kByThemselves, "user_dn", "uid=alice,dc=acme"), HasSubstr("with {name}"));
}

TEST(DirectorySettings, GroupsListDnsOrNames) {
  EXPECT_THAT(refusal(kByService, "group_filter", "(member=x)"), HasSubstr("{dn}"));
  EXPECT_THAT(refusal(kByService, "group_filter", "(|(member={dn})(memberUid={name}))"), HasSubstr("either"));
  EXPECT_THAT(refusal(kByService, "group_filter", "(memberUid={name})"), HasSubstr("nested = false"));
  EXPECT_TRUE(read_settings(std::string(kByService) + "group_filter = \"(memberUid={name})\"\nnested = false\n"));
}

TEST(DirectorySettings, AttributesAreAttributes) {
  EXPECT_THAT(refusal(kByService, "id_attribute", "uid)(cn"), HasSubstr("attribute"));
  EXPECT_THAT(refusal(kByService, "id_attribute", "dn"), HasSubstr("attribute"));
  EXPECT_THAT(refusal(kByService, "name_attribute", ""), HasSubstr("attribute"));
  EXPECT_TRUE(read_settings(std::string(kByService) + "group_attribute = \"dn\"\n"));
}

TEST(DirectorySettings, ARefusalSaysOfWhichDirectory) {
  const auto configuration = read_settings("[ldap.acme]\nurl = \"nowhere\"\n");
  ASSERT_FALSE(configuration);
  EXPECT_EQ(configuration.error().reason, "setting-invalid");
  EXPECT_THAT(configuration.error().detail + configuration.error().field, HasSubstr("ldap.acme.url"));
}

TEST(IdentitySettings, AProviderIsNotCalledAsAWayOfThisCaItself) {
  for (const char* name : {"local", "certificate", "one-time"}) {
    const auto refused =
        read_settings("[oidc." + std::string(name) + "]\nissuer = \"https://login.internal\"\nclient_id = \"quicklime\"\n");
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().reason, "setting-invalid");
  }
}

}  // namespace
}  // namespace quicklime::identity
