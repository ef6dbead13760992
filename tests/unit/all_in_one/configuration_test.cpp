// quicklime.toml as every process reads it, with the settings of every role.

#include "settings/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "all_in_one/roles.hpp"
#include "base/file.hpp"
#include "crl/settings.hpp"
#include "ocsp/settings.hpp"
#include "runtime/backend_settings.hpp"
#include "runtime/known_settings.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/profiles.hpp"
#include "runtime/server_url.hpp"
#include "settings/documentation.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::all_in_one {
namespace {

using runtime::ProcessSettings;
using runtime::SharedSettings;
using settings::Configuration;
using testing::AllOf;
using testing::HasSubstr;

const std::vector<settings::Rows>& known() {
  static const auto rows = known_settings(roles());
  return rows;
}
std::string initial() { return settings::initial_configuration(known(), {{"public_url", "\"http://ca.internal:8080\""}}); }

Configuration read(const std::string& toml) {
  auto configuration = settings::parse_configuration(toml, "quicklime.toml", known());
  EXPECT_TRUE(configuration) << configuration.error().detail;
  return configuration ? *configuration : Configuration{};
}

Error refusal(const std::string& toml) {
  auto configuration = settings::parse_configuration(toml, "quicklime.toml", known());
  EXPECT_FALSE(configuration) << toml;
  return configuration ? Error{ErrorCode::internal, "none", "not refused"} : configuration.error();
}

TEST(Configuration, AnEmptyFileMeansAllDefaults) {
  const Configuration configuration = read("");
  EXPECT_EQ(configuration.of<ProcessSettings>().https.port, 8443);
  EXPECT_EQ(configuration.of<ProcessSettings>().admin.host, "127.0.0.1");
  EXPECT_EQ(configuration.of<SharedSettings>().names_allow, std::vector<std::string>{"*"});
  EXPECT_EQ(configuration.of<ocsp::Settings>().lifetime, std::chrono::hours(1));
}

TEST(Configuration, EveryKindOfSettingIsRead) {
  const Configuration configuration = read(R"(
public_url = "http://ca.internal:8080"
threads = 4
[listen]
https = "[::1]:9443"
http = ""
[log]
level = "debug"
format = "json"
[names]
allow = ["**.internal", "10.0.0.0/8"]
[profiles.tls-server]
default_lifetime = "12h"
[http]
body_bytes = 131072
)");
  EXPECT_EQ(configuration.of<ProcessSettings>().public_url, "http://ca.internal:8080");
  EXPECT_EQ(configuration.of<ProcessSettings>().threads, 4U);
  EXPECT_EQ(configuration.of<ProcessSettings>().https.host, "::1");
  EXPECT_FALSE(configuration.of<ProcessSettings>().http.enabled);
  EXPECT_EQ(configuration.of<ProcessSettings>().log_level, log::Level::debug);
  EXPECT_EQ(configuration.of<ProcessSettings>().log_format, log::Format::json);
  EXPECT_EQ(configuration.of<SharedSettings>().names_allow, (std::vector<std::string>{"**.internal", "10.0.0.0/8"}));
  EXPECT_EQ(configuration.of<SharedSettings>().profiles.at("tls-server").default_lifetime, std::chrono::hours(12));
  EXPECT_EQ(configuration.of<SharedSettings>().profiles.at("tls-client").default_lifetime, std::chrono::hours(24 * 90));
  EXPECT_EQ(configuration.of<ProcessSettings>().body_bytes, 131072U);
}

TEST(Configuration, AMistypedKeyIsRefusedWithTheNearestKnownOne) {
  const Error error = refusal("\n[ocsp]\nlifetme = \"1h\"\n");
  EXPECT_EQ(error.reason, "setting-unknown");
  EXPECT_THAT(error.detail,
              AllOf(HasSubstr("quicklime.toml, line 3"), HasSubstr("'ocsp.lifetme'"), HasSubstr("did you mean 'ocsp.lifetime'?")));
}

TEST(Configuration, AKeyLikeNoOtherIsRefusedWithoutAGuess) {
  EXPECT_THAT(refusal("favourite_colour = \"lime\"\n").detail, HasSubstr("docs/configuration.md lists them all"));
}

struct Wrong {
  const char* toml;
  const char* says;
};
class WrongValue : public testing::TestWithParam<Wrong> {};

TEST_P(WrongValue, IsRefusedNamingFileLineKeyAndWhatWouldBeRight) {
  const Error error = refusal(GetParam().toml);
  EXPECT_EQ(error.reason, "setting-invalid");
  EXPECT_THAT(error.detail, AllOf(HasSubstr("quicklime.toml, line 1: " + error.field + ": "), HasSubstr(GetParam().says)));
}

INSTANTIATE_TEST_SUITE_P(Configuration, WrongValue,
                         testing::Values(Wrong{"ocsp.lifetime = 3600", "a text in quotes"},         //
                                         Wrong{"ocsp.lifetime = \"3600\"", "a number and a unit"},  //
                                         Wrong{"ocsp.lifetime = \"0s\"", "from 1s to 30d"},         //
                                         Wrong{"own_certificate.lifetime = \"1y\"", "90d, 12h"},    //
                                         Wrong{"threads = -1", "from 0 to 256"},                    //
                                         Wrong{"threads = \"two\"", "a whole number"},              //
                                         Wrong{"log.level = \"loud\"", "\"debug\", \"info\", \"warning\", \"error\""},
                                         Wrong{"names.allow = \"**.internal\"", "a list of texts"},         //
                                         Wrong{"names.deny = [\"a..b\"]", "a..b"},                          //
                                         Wrong{"listen.https = \"8443\"", "the port is missing"},           //
                                         Wrong{"public_url = \"ca.internal\"", "http://HOST"},              //
                                         Wrong{"public_url = \"http://ca.internal/\"", "without a final"},  //
                                         Wrong{"public_url = \"http://\"", "http://HOST"},                  //
                                         Wrong{"profiles.tls-server.default_lifetime = \"500d\"", "longer than the maximum (397d)"},
                                         Wrong{"profiles.tls-peer.maximum_lifetime = \"7d\"", "the default lifetime (90d)"},
                                         Wrong{"profiles.tls-sever.default_lifetime = \"1d\"", "did you mean \"tls-server\""},  //
                                         Wrong{"profiles.printers.like = \"tls-sever\"", "did you mean \"tls-server\""},        //
                                         Wrong{"profiles.printers.like = \"role-peer\"", "the CA's own processes"},             //
                                         Wrong{"profiles.role-peer.default_lifetime = \"1d\"", "the CA's own processes"},       //
                                         Wrong{"profiles.tls-server.like = \"tls-peer\"", "like no other"}));

TEST(Configuration, PeopleReachTheCaAtItsGatewayOrWhereItListens) {
  const auto url = [](const std::string& toml) { return runtime::server_url(read(toml).of<ProcessSettings>()); };
  EXPECT_EQ(url("public_url = \"http://ca.internal:8080\"\nlisten.https = \":9443\""), "https://ca.internal:9443");
  EXPECT_EQ(url("public_url = \"http://ca.internal\"\nserver_url = \"https://pki.internal\""), "https://pki.internal");
  for (const char* wrong :
       {"http://ca.internal", "https://", "https://ca.internal/", "https://ca.internal/path", "https://me@ca.internal", "ca"}) {
    EXPECT_THAT(refusal(std::string("server_url = \"") + wrong + "\"").detail, HasSubstr("https://HOST")) << wrong;
  }
}

TEST(Configuration, AMissingFileSaysWhatWritesOne) {
  const test::TemporaryDirectory directory;
  const auto missing = settings::load_configuration(directory.path() / "quicklime.toml", known());
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "configuration-missing");
  EXPECT_THAT(missing.error().detail, HasSubstr("quicklime init"));
}

TEST(Configuration, WhatInitWritesIsReadBackAsTheDefaults) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "quicklime.toml";
  ASSERT_TRUE(write_file(file, initial(), FileMode::public_, Overwrite::no));
  const auto configuration = settings::load_configuration(file, known());
  ASSERT_TRUE(configuration) << configuration.error().detail;
  EXPECT_EQ(configuration->of<ProcessSettings>().public_url, "http://ca.internal:8080");
  EXPECT_EQ(configuration->of<ProcessSettings>().drain_timeout, ProcessSettings().drain_timeout);
}

TEST(Configuration, EachRoleFindsItsOwn) {
  const Configuration configuration = read(R"(
ocsp.lifetime = "2h"
ocsp.stale_limit = "30s"
crl.lifetime = "3h"
inventory.retention = "0s"
renewal.after_expiry = "1d"
listen.gateway = "front"
kafka.topic = "ours"
redis.port = 6380
)");
  EXPECT_EQ(configuration.of<ocsp::Settings>().lifetime, std::chrono::hours(2));
  EXPECT_EQ(configuration.of<SharedSettings>().ocsp_stale_limit, Seconds(30));
  EXPECT_EQ(configuration.of<crl::Settings>().lifetime, std::chrono::hours(3));
  EXPECT_EQ(configuration.of<crl::Settings>().inventory_retention, Milliseconds(0));
  EXPECT_EQ(configuration.of<SharedSettings>().renewal_after_expiry, std::chrono::hours(24));
  EXPECT_EQ(configuration.of<SharedSettings>().gateway, "front");
  EXPECT_EQ(configuration.of<runtime::KafkaSettings>().topic, "ours");
  EXPECT_EQ(configuration.of<runtime::RedisSettings>().port, 6380U);
}

// A daemon has the code of one role, and the file of all.
TEST(Configuration, OfARoleThatNobodyNamedNothingIsRead) {
  const auto refused = settings::parse_configuration("ocsp.lifetime = \"2h\"", "quicklime.toml", runtime::known_settings({}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "setting-unknown");
}

// ---- tables of things

const ca::Profile& profile_of(const std::vector<ca::Profile>& all, const std::string& name) {
  const auto found = ca::find_profile(all, name);
  if (!found) throw std::runtime_error(found.error().detail);
  return **found;
}

TEST(Profiles, AreThoseOfTheCaUntilTheFileSaysOtherwise) {
  const auto configured = runtime::configured_profiles(read("").of<SharedSettings>());
  ASSERT_EQ(configured.size(), ca::default_profiles().size());
  for (const auto& profile : ca::default_profiles()) {
    EXPECT_EQ(profile_of(configured, profile.name).content_sha256(), profile.content_sha256()) << profile.name;
  }
}

TEST(Profiles, AFurtherOneIsLikeOneOfTheCaButForWhatItSays) {
  const auto configured = runtime::configured_profiles(read(R"(
[profiles.tls-server]
default_lifetime = "30d"
[profiles.printers]
like = "tls-server"
maximum_lifetime = "2000d"
)")
                                                           .of<SharedSettings>());
  const auto& server = profile_of(configured, "tls-server");
  EXPECT_EQ(server.default_lifetime, std::chrono::hours(24 * 30));
  EXPECT_EQ(server.maximum_lifetime, std::chrono::hours(24 * 397));
  const auto& printers = profile_of(configured, "printers");
  EXPECT_EQ(printers.extended_key_usages, server.extended_key_usages);
  EXPECT_EQ(printers.name_kinds, server.name_kinds);
  EXPECT_EQ(printers.default_lifetime, std::chrono::hours(24 * 30)) << "of tls-server as it is configured";
  EXPECT_EQ(printers.maximum_lifetime, std::chrono::hours(24 * 2000));
}

TEST(Profiles, AMistypedKeyOfOneIsRefusedWithTheNearestKnownOne) {
  const Error error = refusal("[profiles.printers]\nlike = \"tls-server\"\ndefault_lifetme = \"1h\"\n");
  EXPECT_EQ(error.reason, "setting-unknown");
  EXPECT_THAT(error.detail, AllOf(HasSubstr("line 3"), HasSubstr("did you mean 'profiles.printers.default_lifetime'?")));
}

TEST(Profiles, ANameIsNoPathAndNoText) {
  for (const char* table : {"[profiles.\"a.b\"]", "[profiles.\"\"]", "[profiles.\"a b\"]"}) {
    EXPECT_EQ(refusal(std::string(table) + "\nlike = \"tls-server\"\n").reason, "setting-unknown") << table;
  }
}

// Each commented line, taken seriously: every key is there, is known, and its default can be written.
TEST(Configuration, WhatInitWritesIsStillReadWithEveryCommentedLineInForce) {
  std::string file = initial();
  std::size_t uncommented = 0;
  for (std::size_t at = file.find("\n#"); at != std::string::npos; at = file.find("\n#", at + 1)) {
    if (file[at + 2] == ' ') continue;  // prose
    file.erase(at + 1, 1);
    ++uncommented;
  }
  const auto all = settings::settings(known());
  const auto written = std::count_if(all.begin(), all.end(), [](const auto& setting) { return !setting.of_any_name; });
  EXPECT_EQ(uncommented, static_cast<std::size_t>(written) - 1) << "but public_url";
  const Configuration configuration = read(file);
  EXPECT_EQ(configuration.of<ProcessSettings>().https.port, 8443);
  EXPECT_EQ(configuration.of<ProcessSettings>().own_certificate_lifetime, std::chrono::hours(7 * 24));
}

TEST(Configuration, ThePageOfTheDocumentationIsWhatTheSettingsSay) {
  const std::filesystem::path page = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "docs/configuration.md";
  if (std::getenv("QUICKLIME_WRITE_DOCS") != nullptr) {
    ASSERT_TRUE(write_file(page, settings::settings_markdown(known()), FileMode::public_, Overwrite::yes));
  }
  const auto written = read_file(page);
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_TRUE(*written == settings::settings_markdown(known())) << "docs/configuration.md is stale: QUICKLIME_WRITE_DOCS=1 unit_all_in_one "
                                                                   "--gtest_filter='Configuration.ThePage*' writes it anew";
}

}  // namespace
}  // namespace quicklime::all_in_one
