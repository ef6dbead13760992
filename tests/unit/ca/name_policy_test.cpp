#include "ca/name_policy.hpp"

#include <gtest/gtest.h>

namespace quicklime::ca {
namespace {

using pki::AlternativeName;

AlternativeName name(const std::string& text) {
  auto guessed = AlternativeName::guess(text);
  EXPECT_TRUE(guessed) << text << ": " << (guessed ? "" : guessed.error().detail);
  return *guessed;
}

struct Case {
  const char* pattern;
  const char* name;
  bool covered;
};

class Covers : public testing::TestWithParam<Case> {};

TEST_P(Covers, AsTheTableSays) {
  const auto policy = NamePolicy::make({GetParam().pattern}, {});
  ASSERT_TRUE(policy) << policy.error().detail;
  const auto permitted = policy->permits(name(GetParam().name));
  EXPECT_EQ(permitted.has_value(), GetParam().covered) << GetParam().pattern << " and " << GetParam().name;
  if (!permitted) {
    EXPECT_EQ(permitted.error().reason, "name-not-granted");
    EXPECT_EQ(permitted.error().code, ErrorCode::denied);
    EXPECT_EQ(permitted.error().field, "subjectAltName");
    EXPECT_NE(permitted.error().detail.find(GetParam().pattern), std::string::npos) << "the text names what is allowed";
  }
}

INSTANTIATE_TEST_SUITE_P(Dns, Covers,
                         testing::Values(Case{"api.internal", "api.internal", true}, Case{"api.internal", "API.internal", true},
                                         Case{"API.Internal", "api.internal", true}, Case{"api.internal", "x.api.internal", false},
                                         Case{"api.internal", "xapi.internal", false}, Case{"api.internal", "*.internal", false},
                                         Case{"*.load.internal", "a.load.internal", true}, Case{"*.load.internal", "*.load.internal", true},
                                         Case{"*.load.internal", "a.b.load.internal", false},
                                         Case{"*.load.internal", "load.internal", false}, Case{"*.load.internal", "xload.internal", false},
                                         Case{"**.internal", "a.internal", true}, Case{"**.internal", "a.b.internal", true},
                                         Case{"**.internal", "*.b.internal", true}, Case{"**.internal", "*.internal", true},
                                         Case{"**.internal", "internal", false}, Case{"**.internal", "a.xinternal", false},
                                         Case{"**", "a.b.c", true}, Case{"**", "localhost", true}, Case{"**", "10.0.0.7", false},
                                         Case{"**", "a@example.com", false}, Case{"dns:api.internal", "api.internal", true},
                                         Case{"DNS:**", "api.internal", true}, Case{"localhost", "localhost", true}));

INSTANTIATE_TEST_SUITE_P(Ip, Covers,
                         testing::Values(Case{"10.0.0.7", "10.0.0.7", true}, Case{"10.0.0.7", "10.0.0.8", false},
                                         Case{"10.0.0.0/8", "10.255.1.2", true}, Case{"10.0.0.0/8", "11.0.0.1", false},
                                         Case{"10.0.0.0/9", "10.127.0.1", true}, Case{"10.0.0.0/9", "10.128.0.1", false},
                                         Case{"0.0.0.0/0", "192.0.2.1", true}, Case{"0.0.0.0/0", "fd00::1", false},
                                         Case{"fd00::/8", "fdff::1", true}, Case{"fd00::/8", "fe80::1", false},
                                         Case{"::/0", "10.0.0.1", false}, Case{"ip:10.0.0.0/31", "10.0.0.1", true},
                                         Case{"fd00:0:0::7", "fd00::7", true}));

INSTANTIATE_TEST_SUITE_P(Email, Covers,
                         testing::Values(Case{"ops@example.com", "ops@example.com", true}, Case{"ops@example.com", "ops@EXAMPLE.com", true},
                                         Case{"ops@example.com", "Ops@example.com", false}, Case{"*@example.com", "a@example.com", true},
                                         Case{"*@example.com", "a@mail.example.com", false},
                                         Case{"*@example.com", "a@badexample.com", false},
                                         Case{"email:*@example.com", "a@example.com", true}, Case{"*@example.com", "example.com", false}));

INSTANTIATE_TEST_SUITE_P(
    Uri, Covers,
    testing::Values(Case{"spiffe://td/a", "spiffe://td/a", true}, Case{"spiffe://td/a", "spiffe://td/ab", false},
                    Case{"spiffe://td/a", "spiffe://TD/a", true}, Case{"spiffe://td/a", "spiffe://td/A", false},
                    Case{"spiffe://td/*", "spiffe://td/ns/x/sa/y", true}, Case{"spiffe://td/*", "spiffe://td.evil/x", false},
                    Case{"spiffe://td/a/*", "spiffe://td/a/b", true}, Case{"spiffe://td/a/*", "spiffe://td/b", false},
                    Case{"spiffe://td/a/*", "spiffe://td/a/../b", false}, Case{"spiffe://td/a/*", "spiffe://td/a/%2E%2e/b", false},
                    Case{"spiffe://td/a/*", "spiffe://td/a/..%2fb", false}, Case{"spiffe://td/a/*", "spiffe://td/a/..", false},
                    Case{"spiffe://td/a/*", "spiffe://td/a/..b", true}, Case{"*", "spiffe://td/a/../b", false},
                    Case{"spiffe://td/a/../b", "spiffe://td/a/../b", true}));

INSTANTIATE_TEST_SUITE_P(Any, Covers,
                         testing::Values(Case{"*", "api.internal", true}, Case{"*", "*.internal", true}, Case{"*", "10.0.0.7", true},
                                         Case{"*", "a@example.com", true}, Case{"*", "spiffe://td/x", true}));

TEST(NamePolicy, DenyWinsAndNamesItsPattern) {
  const auto policy = NamePolicy::make({"**.internal"}, {"*.secret.internal", "vault.internal"});
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->permits(name("api.internal")));
  const auto denied = policy->permits(name("x.secret.internal"));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().reason, "name-denied");
  EXPECT_NE(denied.error().detail.find("*.secret.internal"), std::string::npos);
}

TEST(NamePolicy, AWildcardDoesNotReachAroundADeniedName) {
  const auto policy = NamePolicy::make({"**"}, {"vault.internal"});
  ASSERT_TRUE(policy);
  EXPECT_FALSE(policy->permits(name("*.internal")));
  EXPECT_TRUE(policy->permits(name("*.x.internal")));
  EXPECT_TRUE(policy->permits(name("x.vault.internal")));
}

// Whoever connects to one of them, or reads it, may mean the IPv4 address inside, of which other rules speak.
TEST(NamePolicy, AnAddressThatStandsForAnotherIsNeverPermitted) {
  const auto policy = NamePolicy::make({"*"}, {"10.0.0.0/8"});
  ASSERT_TRUE(policy);
  for (const char* text : {"10.0.0.7", "::ffff:10.0.0.7", "::ffff:a00:7", "0:0:0:0:0:ffff:a00:7", "::10.0.0.7", "::a00:7",
                           "::ffff:0:10.0.0.7", "64:ff9b::10.0.0.7", "64:ff9b:1::10.0.0.7", "2002:a00:7::1", "2001:0:a00:7::1",
                           "fe80::5efe:10.0.0.7", "fd00::200:5efe:a00:7", "::2", "::", "0.0.0.0"}) {
    EXPECT_EQ(policy->permits(name(text)).error().reason, "name-denied") << text;
  }
  for (const char* text : {"192.0.2.1", "127.0.0.1", "::1", "fd00::7", "2001:db8::a00:7", "fe80::1"}) {
    EXPECT_TRUE(policy->permits(name(text))) << text;
  }
}

TEST(NamePolicy, AnEmptyAllowListAllowsNothing) {
  const auto policy = NamePolicy::make({}, {});
  ASSERT_TRUE(policy);
  EXPECT_FALSE(policy->permits(name("api.internal")));
}

TEST(NamePolicy, EverythingIsEveryKind) {
  for (const char* text : {"api.internal", "10.0.0.7", "a@example.com", "spiffe://td/x"})
    EXPECT_TRUE(NamePolicy::everything().permits(name(text)));
}

TEST(NamePolicy, MalformedPatternsAreRefusedAndNamed) {
  for (const char* pattern : {"",
                              "a..b",
                              "*.",
                              "**.",
                              "a.*.b",
                              "*a.b",
                              "***.b",
                              "*.*.b",
                              "a b",
                              "10.0.0.7/8",
                              "10.0.0.0/33",
                              "10.0.0.0/x",
                              "10.0.0.0/",
                              "fd00::/129",
                              "ip:api.internal",
                              "ops@",
                              "@example.com",
                              "**@example.com@x",
                              "email:api.internal",
                              "spiffe://*",
                              "spiffe://td*",
                              "spiffe://*.td/x",
                              "spiffe://td/*/x",
                              "uri:nothing",
                              "dns:10.0.0.7",
                              "dns:*"}) {
    const auto policy = NamePolicy::make({pattern}, {});
    ASSERT_FALSE(policy) << pattern;
    EXPECT_EQ(policy.error().reason, "pattern-malformed") << pattern;
    EXPECT_NE(policy.error().detail.find('"' + std::string(pattern) + '"'), std::string::npos) << policy.error().detail;
    EXPECT_FALSE(NamePolicy::make({}, {pattern})) << "a deny pattern too";
  }
}

TEST(NamePolicy, ARoleIsGrantedInFullOrNotAtAll) {
  const auto role = *pki::AlternativeName::guess("quicklime:role/ocsp");
  EXPECT_FALSE(NamePolicy::everything().permits(role));
  EXPECT_FALSE(NamePolicy::make({"*", "**", "spiffe://td/*"}, {})->permits(role));
  EXPECT_FALSE(NamePolicy::make({"quicklime:role/oc*"}, {})) << "no prefix of it";
  EXPECT_FALSE(NamePolicy::make({"quicklime:role/gateway"}, {})->permits(role));
  EXPECT_TRUE(NamePolicy::make({"quicklime:role/ocsp"}, {})->permits(role));
}

}  // namespace
}  // namespace quicklime::ca
