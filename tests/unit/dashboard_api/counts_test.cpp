// What is counted with every event: by value, by when it ends, by when it was issued.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ca/authority.hpp"
#include "dashboard_api/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::dashboard_api {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
using ::testing::Pair;
using Values = std::vector<std::pair<std::string, int>>;

class Counting : public ::testing::Test {
 protected:
  Counting() : role(projection()) {
    const Instant now = role.clock().now();
    const ca::AuthorityPlan plan{.organization = "Test", .public_url = "http://ca.test"};
    const auto root = ca::make_root(plan, now);
    const auto issuing = ca::make_issuing(plan, *root, now);
    role.given(events::AuthorityAdded{root->id, std::nullopt, root->certificate.der()});
    role.given(events::AuthorityAdded{issuing->id, root->id, issuing->certificate.der()});
    role.serve([](api::ServiceContext context) { return make_service(context); });
  }

  void issued(const std::string& serial, const char* service, const char* end = "2027-02-19T12:00:00Z", const char* replaces = nullptr) {
    auto issued = test::an_issued(serial);
    issued.service = service;
    issued.not_after = *Instant::parse(end);
    if (replaces != nullptr) issued.replaces = *SerialNumber::from_hex(replaces);
    role.given(issued, {events::Actor::Kind::token, "ci"});
  }
  void revoked(const std::string& serial) {
    role.given(
        events::CertificateRevoked{*SerialNumber::from_hex(serial), AuthorityId("issuing-1"), "superseded", std::string(64, 'a'), {}});
  }
  Json get(const std::string& target) {
    const auto answer = role.get(target).as_administrator().send();
    EXPECT_EQ(answer.status, 200u) << target << answer.body;
    return answer.json();
  }
  Values counts(const std::string& by) {
    Values values;
    const Json json = get("/v1/certificates/counts?by=" + by);
    for (const auto& value : json["values"]) values.emplace_back(value["value"], value["count"]);
    return values;
  }

  test::Role role;
};

TEST_F(Counting, by_value_the_most_frequent_first_and_in_pages) {
  for (const auto* serial : {"01", "02", "03"}) issued(serial, "shop");
  for (const auto* serial : {"04", "05"}) issued(serial, "mail");
  issued("06", "web");
  EXPECT_THAT(counts("service"), ElementsAre(Pair("shop", 3), Pair("mail", 2), Pair("web", 1)));
  EXPECT_THAT(counts("profile"), ElementsAre(Pair("tls-server", 6)));
  EXPECT_THAT(counts("authority"), ElementsAre(Pair("issuing-1", 6)));
  EXPECT_THAT(counts("requester"), ElementsAre(Pair("token:ci", 6)));
  EXPECT_THAT(counts("key"), ElementsAre(Pair("other", 6)));
  const Json first = get("/v1/certificates/counts?by=service&limit=2");
  EXPECT_EQ(first["total"], 6);
  EXPECT_EQ(first["values"].size(), 2u);
  const Json second = get("/v1/certificates/counts?by=service&limit=2&cursor=" + first["next"].get<std::string>());
  ASSERT_EQ(second["values"].size(), 1u);
  EXPECT_EQ(second["values"][0]["value"], "web");
  EXPECT_FALSE(second.contains("next"));
}

TEST_F(Counting, by_status_as_it_changes_and_as_time_goes_on) {
  issued("01", "shop", "2026-11-21T14:30:00Z");
  issued("02", "shop", "2026-11-25T00:00:00Z");
  issued("03", "shop");
  issued("04", "shop");
  EXPECT_THAT(counts("status"), ElementsAre(Pair("good", 4), Pair("held", 0), Pair("revoked", 0), Pair("expired", 0)));
  revoked("04");
  role.given(events::CertificateHeld{*SerialNumber::from_hex("03"), AuthorityId("issuing-1")});
  EXPECT_THAT(counts("status"), ElementsAre(Pair("good", 2), Pair("held", 1), Pair("revoked", 1), Pair("expired", 0)));
  role.advance(std::chrono::hours(3));
  EXPECT_THAT(counts("status"), ElementsAre(Pair("good", 1), Pair("held", 1), Pair("revoked", 1), Pair("expired", 1)));
  EXPECT_EQ(get("/v1/certificates/counts?by=status")["counted_at"], "2026-11-21T15:00:00Z");
  role.advance(std::chrono::hours(24 * 200));
  EXPECT_THAT(counts("status"), ElementsAre(Pair("good", 0), Pair("held", 0), Pair("revoked", 1), Pair("expired", 4)));
}

TEST_F(Counting, when_they_end_and_when_they_were_issued) {
  issued("01", "shop", "2026-11-21T14:30:00Z");
  issued("02", "shop", "2026-11-21T23:00:00Z");
  issued("03", "shop", "2026-11-23T00:00:00Z");
  role.advance(std::chrono::hours(24));
  issued("04", "shop", "2026-11-23T10:00:00Z", "03");
  revoked("03");
  const Json days = get("/v1/certificates/expiry?from=2026-11-21T12:00:00Z&bins=3")["bins"];
  EXPECT_EQ(days, (Json{{{"from", "2026-11-21T00:00:00Z"}, {"good", 2}, {"held", 0}, {"revoked", 0}},
                        {{"from", "2026-11-22T00:00:00Z"}, {"good", 0}, {"held", 0}, {"revoked", 0}},
                        {{"from", "2026-11-23T00:00:00Z"}, {"good", 1}, {"held", 0}, {"revoked", 1}}}));
  const Json hours = get("/v1/certificates/expiry?bin=hour&from=2026-11-21T14:00:00Z&bins=1")["bins"];
  EXPECT_EQ(hours[0]["good"], 1);
  EXPECT_EQ(get("/v1/certificates/expiry")["bins"].size(), 90u);
  const Json rate = get("/v1/certificates/issuance?bins=2")["bins"];
  EXPECT_EQ(rate, (Json{{{"from", "2026-11-21T00:00:00Z"}, {"issued", 3}, {"renewed", 0}, {"revoked", 0}},
                        {{"from", "2026-11-22T00:00:00Z"}, {"issued", 1}, {"renewed", 1}, {"revoked", 1}}}));
}

TEST_F(Counting, what_is_forgotten_counts_no_more_and_stays_in_the_rate) {
  issued("01", "shop");
  issued("02", "mail", "2028-01-01T00:00:00Z");
  revoked("01");
  role.given(events::CertificatesExpired{*Instant::parse("2027-03-20T00:00:00Z"), *Instant::parse("2027-02-20T00:00:00Z")});
  EXPECT_THAT(counts("service"), ElementsAre(Pair("mail", 1)));
  EXPECT_THAT(counts("status"), ElementsAre(Pair("good", 1), Pair("held", 0), Pair("revoked", 0), Pair("expired", 0)));
  EXPECT_EQ(get("/v1/certificates/expiry?from=2027-02-19T00:00:00Z&bins=1")["bins"][0]["revoked"], 0);
  EXPECT_EQ(get("/v1/certificates/issuance?bins=1")["bins"][0]["issued"], 2);
}

TEST_F(Counting, is_for_who_sees_everything) {
  const auto token = role.given_token(access::Role::requester);
  for (const auto* target : {"/v1/certificates/counts?by=service", "/v1/certificates/expiry", "/v1/certificates/issuance"}) {
    EXPECT_EQ(role.get(target).as(token).send().reason(), "role-denied") << target;
  }
}

}  // namespace
}  // namespace quicklime::dashboard_api
