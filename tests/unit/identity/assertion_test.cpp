#include "identity/assertion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace quicklime::identity {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr const char* kIssuer = "https://login.internal";
const Instant kNow = Instant::from_seconds(1'790'000'000);

Assertion read(const std::string& json, const std::string& groups = "groups") {
  auto assertion = read_assertion(json, groups);
  return assertion ? *assertion : throw std::runtime_error(assertion.error().detail);
}
std::string unread(const std::string& json) {
  const auto assertion = read_assertion(json, "groups");
  if (assertion) return "read";
  EXPECT_EQ(assertion.error().code, ErrorCode::unauthenticated);
  return assertion.error().reason;
}
// Claims of a good token, with more that come later.
std::string token(const std::string& more = "") {
  return R"({"iss":"https://login.internal","sub":"alice","aud":"quicklime","exp":1790000300)" + more + "}";
}
std::string verdict(const std::string& json, Instant now = kNow) {
  const auto checked = check_assertion(read(json), kIssuer, "quicklime", now);
  return checked ? "good" : checked.error().reason;
}

TEST(Assertion, HasItsClaimsAsTexts) {
  const Assertion one = read(token(
      R"(,"groups":["pki","staff"],"repository_id":74,"email_verified":true,"empty":[],"none":null,"realm_access":{"roles":["a","b"],"x/y~z":{"deep":1}})"));
  EXPECT_EQ(one.subject, "alice");
  EXPECT_THAT(one.claims.at("groups"), ElementsAre("pki", "staff"));
  EXPECT_THAT(one.claims.at("repository_id"), ElementsAre("74"));
  EXPECT_THAT(one.claims.at("email_verified"), ElementsAre("true"));
  EXPECT_THAT(one.claims.at("/realm_access/roles"), ElementsAre("a", "b"));
  EXPECT_THAT(one.claims.at("/realm_access/x~1y~0z/deep"), ElementsAre("1"));
  EXPECT_FALSE(one.claims.contains("empty"));
  EXPECT_FALSE(one.claims.contains("none"));
}

TEST(Assertion, CannotPassAClaimForTheMemberOfAnother) {
  const Assertion one = read(token(R"(,"/realm_access/roles":["admin"])"));
  EXPECT_FALSE(one.claims.contains("/realm_access/roles"));
}

TEST(Assertion, HasItsGroupsWhereTheSettingSays) {
  const std::string json = token(R"(,"groups":["not these"],"roles":["pki"],"realm_access":{"roles":["nested"]})");
  EXPECT_THAT(read(json, "roles").claims.at("groups"), ElementsAre("pki"));
  EXPECT_THAT(read(json, "/realm_access/roles").claims.at("groups"), ElementsAre("nested"));
  EXPECT_FALSE(read(json, "teams").claims.contains("groups")) << "none, when the claim is missing";
}

TEST(Assertion, SaysThatGroupsAreReferredTo) {
  const auto overage =
      read_assertion(token(R"(,"_claim_names":{"groups":"src1"},"_claim_sources":{"src1":{"endpoint":"https://x"}})"), "groups");
  ASSERT_FALSE(overage);
  EXPECT_EQ(overage.error().reason, "groups-not-sent");
  EXPECT_THAT(overage.error().detail, HasSubstr("_claim_names"));
  EXPECT_EQ(unread(token(R"(,"hasgroups":true)")), "groups-not-sent");
  EXPECT_EQ(unread(token(R"(,"_claim_names":{"address":"src1"})")), "read");
}

TEST(Assertion, HasANameForPeople) {
  EXPECT_EQ(read(token()).name, "");
  EXPECT_EQ(read(token(R"(,"preferred_username":"al")")).name, "al");
  EXPECT_EQ(read(token(R"(,"preferred_username":"al","name":"Alice")")).name, "Alice");
}

TEST(Assertion, IsOneObjectWithClaimsOfTheRightKinds) {
  for (const char* json :
       {"", "[]", "7", "{}", R"({"sub":""})", R"({"sub":7})", R"({"sub":"a","iss":["x"]})", R"({"sub":"a","aud":7})",
        R"({"sub":"a","aud":["x",7]})", R"({"sub":"a","exp":"1790000300"})", R"({"sub":"a","exp":-1})", R"({"sub":"a","exp":1e300})",
        R"({"sub":"a","nbf":true})", R"({"sub":"a","nonce":7})", R"({"sub":"a","sub":"b"})"}) {
    EXPECT_EQ(unread(json), "assertion-malformed") << json;
  }
  EXPECT_EQ(unread(R"({"sub":")" + std::string(256, 'a') + "\"}"), "assertion-malformed");
  EXPECT_EQ(read(R"({"sub":"a","exp":1790000300.25})").ends->milliseconds(), 1'790'000'300'250);
}

TEST(Assertion, IsOfTheIssuerAndForTheAudience) {
  EXPECT_EQ(verdict(token()), "good");
  EXPECT_EQ(verdict(R"({"iss":"https://login.internal","sub":"a","exp":1790000300,"aud":["other","quicklime"]})"), "good");
  EXPECT_EQ(verdict(R"({"iss":"https://login.internal","sub":"a","exp":1790000300})"), "assertion-audience") << "always demanded";
  EXPECT_EQ(verdict(R"({"iss":"https://login.internal","sub":"a","exp":1790000300,"aud":"quicklime2"})"), "assertion-audience");
  EXPECT_EQ(verdict(R"({"iss":"https://login.internal/","sub":"a","exp":1790000300,"aud":"quicklime"})"), "assertion-issuer");
  EXPECT_EQ(verdict(R"({"sub":"a","exp":1790000300,"aud":"quicklime"})"), "assertion-issuer");
}

TEST(Assertion, IsGoodNowGiveOrTakeAMinute) {
  EXPECT_EQ(verdict(R"({"iss":"https://login.internal","sub":"a","aud":"quicklime"})"), "assertion-time") << "an end is demanded";
  const Instant end = Instant::from_seconds(1'790'000'300);
  EXPECT_EQ(verdict(token(), end + 59s), "good");
  EXPECT_EQ(verdict(token(), end + 60s), "assertion-time");
  for (const char* begins : {R"(,"nbf":1790000090)", R"(,"iat":1790000090)", R"(,"nbf":1700000000,"iat":1790000090)"}) {
    EXPECT_EQ(verdict(token(begins), kNow + 29s), "assertion-time") << begins;
    EXPECT_EQ(verdict(token(begins), kNow + 30s), "good") << begins;
  }
}

TEST(Assertion, NamesBothClocks) {
  const auto late = check_assertion(read(token()), kIssuer, "quicklime", kNow + 1h);
  EXPECT_THAT(late.error().detail, HasSubstr((kNow + 300s).rfc3339_seconds()));
  EXPECT_THAT(late.error().detail, HasSubstr((kNow + 1h).rfc3339_seconds()));
}

}  // namespace
}  // namespace quicklime::identity
