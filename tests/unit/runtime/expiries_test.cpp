#include "runtime/expiries.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/router.hpp"
#include "runtime/health.hpp"

namespace quicklime::runtime {
namespace {

using std::chrono::hours;
using testing::HasSubstr;
using testing::Not;

class Dates : public testing::Test, public Clock {
 public:
  Instant now() const override { return now_; }

 protected:
  Dates() {
    expiries.add([this] { return std::vector<Expiry>{{"crl root-1", birth, end, "bring the key"}}; });
  }
  void at(Milliseconds age) { now_ = birth + age; }
  std::string get(const std::string& path, bool verbose = false) {
    http::Router router;
    router.add(admin_routes([] { return std::vector<Check>(); }, registry, [this] { return warning_lines(&expiries, nullptr); }));
    http::Request request{.target = path, .path = path};
    if (verbose) request.query["verbose"] = "";
    const auto response = async::run_to_end(router.dispatch(std::move(request)));
    EXPECT_EQ(response.status, 200U) << "no date makes a process unready";
    return response.body;
  }

  const Instant birth = Instant::parse("2026-01-01T00:00:00Z").value(), end = birth + hours(300);
  Instant now_ = birth;
  metrics::Registry registry;
  Expiries expiries{*this, registry};
};

TEST_F(Dates, NothingIsSaidInTheFirstTwoThirdsOfALife) {
  at(hours(200));
  EXPECT_EQ(expiries.look(), 0U);
  EXPECT_EQ(get("/readyz"), "ready\n");
  EXPECT_EQ(get("/readyz", true), "ok  crl root-1 until 2026-01-13T12:00:00Z\nready\n");
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_timestamp_seconds{what=\"crl root-1\"} 1768305600\n"));
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_due{what=\"crl root-1\"} 0\n"));
}

TEST_F(Dates, ThenLogReadinessAndMetricsNameItAndNobodyIsUnready) {
  at(hours(200) + Milliseconds(1));
  EXPECT_EQ(expiries.look(), 1U);
  EXPECT_EQ(get("/readyz"), "ready\n");
  EXPECT_EQ(get("/readyz", true),
            "warn crl root-1 is past two thirds of its life, which ends on 2026-01-13T12:00:00Z: bring the key\nready\n");
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_due{what=\"crl root-1\"} 1\n"));

  at(hours(301));
  EXPECT_EQ(get("/readyz", true), "warn crl root-1 ended on 2026-01-13T12:00:00Z: bring the key\nready\n");
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_due{what=\"crl root-1\"} 1\n"));
}

TEST_F(Dates, WhatIsWrongAlreadyIsWarnedOfWhateverItsDates) {
  std::string fault;
  expiries.add([&] { return std::vector<Expiry>{{"authority issuing-1", birth, end, "make another", fault}}; });
  EXPECT_EQ(expiries.look(), 0U);
  fault = "is revoked";
  EXPECT_EQ(expiries.look(), 1U);
  EXPECT_EQ(expiries.look(), 0U);
  EXPECT_EQ(get("/readyz", true), "ok  crl root-1 until 2026-01-13T12:00:00Z\nwarn authority issuing-1 is revoked: make another\nready\n");
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_due{what=\"authority issuing-1\"} 1\n"));
  at(hours(24));
  EXPECT_EQ(expiries.look(), 1U) << "once a day";
  at(hours(301));
  EXPECT_THAT(expiries.lines(), HasSubstr("warn authority issuing-1 ended on 2026-01-13T12:00:00Z: make another"));
}

// What a process knew at its start, and what a role has seen since.
TEST_F(Dates, OfOneNameTheLaterSourceIsBelieved) {
  expiries.add([this] { return std::vector<Expiry>{{"crl root-1", birth, end, "bring the key", "lacks a revocation"}}; });
  EXPECT_EQ(expiries.lines(), "warn crl root-1 lacks a revocation: bring the key\n");
  EXPECT_EQ(expiries.look(), 1U);
}

TEST_F(Dates, TheLogSaysItAtTheStartAndOnceADay) {
  std::size_t lines = 0;
  for (int quarter = 0; quarter < 4 * 24; ++quarter) {
    at(hours(210) + std::chrono::minutes(15 * quarter));
    lines += expiries.look();
  }
  EXPECT_EQ(lines, 1U);
  at(hours(210 + 24));
  EXPECT_EQ(expiries.look(), 1U);
  // That it has ended is news, whenever the last line was.
  at(hours(299));
  EXPECT_EQ(expiries.look(), 1U);
  at(hours(301));
  EXPECT_EQ(expiries.look(), 1U);
  EXPECT_EQ(expiries.look(), 0U);
}

// A CRL that was signed, a certificate that was renewed.
TEST_F(Dates, ANewLifeEndsTheWarning) {
  at(hours(250));
  EXPECT_EQ(expiries.look(), 1U);
  Expiries renewed{*this, registry};
  renewed.add([this] { return std::vector<Expiry>{{"crl root-1", now(), now() + hours(300), "bring the key"}}; });
  EXPECT_EQ(renewed.look(), 0U);
  EXPECT_THAT(renewed.lines(), HasSubstr("ok  crl root-1 until 2026-01-23T22:00:00Z"));
}

TEST_F(Dates, WhatIsMetLaterIsToldLikeTheRest) {
  at(hours(1));
  expiries.look();
  EXPECT_THAT(get("/metrics"), Not(HasSubstr("own certificate tls")));
  expiries.add([this] { return std::vector<Expiry>{{"own certificate tls", birth, birth + hours(1), ""}}; });
  EXPECT_EQ(expiries.look(), 1U);
  EXPECT_THAT(get("/metrics"), HasSubstr("quicklime_expiry_due{what=\"own certificate tls\"} 1\n"));
  EXPECT_THAT(get("/readyz", true),
              HasSubstr("warn own certificate tls is past two thirds of its life, which ends on 2026-01-01T01:00:00Z\n"));
}

TEST(AuthorityDates, AreThoseOfTheirCertificatesWhileTheyAreInUse) {
  const auto root = ca::make_root({.organization = "Acme Corp", .public_url = "http://ca.internal:8080"}, SystemClock().now()).value();
  const auto named =
      expiries_of({{root.id, std::nullopt, root.certificate}, {AuthorityId("root-0"), std::nullopt, root.certificate, true}});
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named.front().what, "authority root-1");
  EXPECT_EQ(named.front().from, root.certificate.not_before());
  EXPECT_EQ(named.front().until, root.certificate.not_after());
}

}  // namespace
}  // namespace quicklime::runtime
