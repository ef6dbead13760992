#include "runtime/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/file.hpp"
#include "ca/profile.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::runtime {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Configuration read(const std::string& toml) {
  auto configuration = parse_configuration(toml, "quicklime.toml");
  EXPECT_TRUE(configuration) << configuration.error().detail;
  return configuration ? *configuration : Configuration{};
}

Error refusal(const std::string& toml) {
  auto configuration = parse_configuration(toml, "quicklime.toml");
  EXPECT_FALSE(configuration) << toml;
  return configuration ? Error{ErrorCode::internal, "none", "not refused"} : configuration.error();
}

TEST(Configuration, AnEmptyFileMeansAllDefaults) {
  const Configuration configuration = read("");
  EXPECT_EQ(configuration.https.port, 8443);
  EXPECT_EQ(configuration.admin.host, "127.0.0.1");
  EXPECT_EQ(configuration.names_allow, std::vector<std::string>{"*"});
  EXPECT_EQ(configuration.ocsp_lifetime, std::chrono::hours(1));
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
  EXPECT_EQ(configuration.public_url, "http://ca.internal:8080");
  EXPECT_EQ(configuration.threads, 4U);
  EXPECT_EQ(configuration.https.host, "::1");
  EXPECT_FALSE(configuration.http.enabled);
  EXPECT_EQ(configuration.log_level, log::Level::debug);
  EXPECT_EQ(configuration.log_format, log::Format::json);
  EXPECT_EQ(configuration.names_allow, (std::vector<std::string>{"**.internal", "10.0.0.0/8"}));
  EXPECT_EQ(configuration.tls_server_default_lifetime, std::chrono::hours(12));
  EXPECT_EQ(configuration.tls_client_default_lifetime, std::chrono::hours(24 * 90));
  EXPECT_EQ(configuration.body_bytes, 131072U);
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
                                         Wrong{"profiles.tls-peer.maximum_lifetime = \"7d\"", "the default lifetime (90d)"}));

TEST(Configuration, AMissingFileSaysWhatWritesOne) {
  const test::TemporaryDirectory directory;
  const auto missing = load_configuration(directory.path() / "quicklime.toml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "configuration-missing");
  EXPECT_THAT(missing.error().detail, HasSubstr("quicklime init"));
}

TEST(Configuration, WhatInitWritesIsReadBackAsTheDefaults) {
  const test::TemporaryDirectory directory;
  const auto file = directory.path() / "quicklime.toml";
  ASSERT_TRUE(write_file(file, initial_configuration("http://ca.internal:8080"), FileMode::public_, Overwrite::no));
  const auto configuration = load_configuration(file);
  ASSERT_TRUE(configuration) << configuration.error().detail;
  EXPECT_EQ(configuration->public_url, "http://ca.internal:8080");
  EXPECT_EQ(configuration->drain_timeout, Configuration{}.drain_timeout);
}

// Each commented line, taken seriously: every key is there, is known, and its default can be written.
TEST(Configuration, WhatInitWritesIsStillReadWithEveryCommentedLineInForce) {
  std::string file = initial_configuration("http://ca.internal:8080");
  std::size_t uncommented = 0;
  for (std::size_t at = file.find("\n#"); at != std::string::npos; at = file.find("\n#", at + 1)) {
    if (file[at + 2] == ' ') continue;  // prose
    file.erase(at + 1, 1);
    ++uncommented;
  }
  EXPECT_EQ(uncommented, settings().size() - 1);
  const Configuration configuration = read(file);
  EXPECT_EQ(configuration.https.port, 8443);
  EXPECT_EQ(configuration.own_certificate_lifetime, std::chrono::hours(7 * 24));
}

TEST(Configuration, LifetimesOfProfilesAreThoseOfTheCa) {
  const Configuration configuration;
  const auto expect = [](const char* name, Milliseconds standard, Milliseconds maximum) {
    const auto profile = ca::find_profile(ca::default_profiles(), name);
    ASSERT_TRUE(profile);
    EXPECT_EQ((*profile)->default_lifetime, standard) << name;
    EXPECT_EQ((*profile)->maximum_lifetime, maximum) << name;
  };
  expect("tls-server", configuration.tls_server_default_lifetime, configuration.tls_server_maximum_lifetime);
  expect("tls-client", configuration.tls_client_default_lifetime, configuration.tls_client_maximum_lifetime);
  expect("tls-peer", configuration.tls_peer_default_lifetime, configuration.tls_peer_maximum_lifetime);
}

TEST(Configuration, ThePageOfTheDocumentationIsWhatTheSettingsSay) {
  const std::filesystem::path page = std::filesystem::path(QUICKLIME_SOURCE_DIR) / "docs/configuration.md";
  if (std::getenv("QUICKLIME_WRITE_DOCS") != nullptr) {
    ASSERT_TRUE(write_file(page, settings_markdown(), FileMode::public_, Overwrite::yes));
  }
  const auto written = read_file(page);
  ASSERT_TRUE(written) << written.error().detail;
  EXPECT_TRUE(*written == settings_markdown()) << "docs/configuration.md is stale: QUICKLIME_WRITE_DOCS=1 unit_runtime "
                                                  "--gtest_filter='Configuration.ThePage*' writes it anew";
}

TEST(ListenAddress, IsReadAndWrittenAlike) {
  for (const char* address : {"127.0.0.1:9090", "[::1]:8443", "[::]:8443", "localhost:8443", ":8443", "127.0.0.1:0", ""}) {
    const auto parsed = parse_listen_address(address);
    ASSERT_TRUE(parsed) << address;
    EXPECT_EQ(text(*parsed), address);
  }
}

TEST(ListenAddress, WhatIsNoneIsRefused) {
  for (const char* address : {"8443", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:80x", "::1:8443", "[::1]",
                              "[::1:8443", "[127.0.0.1]:80", "ca.internal:8443", "256.0.0.1:80", " :8443"}) {
    const auto parsed = parse_listen_address(address);
    ASSERT_FALSE(parsed) << address;
    EXPECT_EQ(parsed.error().reason, "address-malformed");
  }
}

}  // namespace
}  // namespace quicklime::runtime
