// Any filters together: what is listed is what all of them fit, in one order, each once, over any number of pages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "ca/subject.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::dashboard_api {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Serials = std::vector<std::string>;

class Filters : public ::testing::Test {
 protected:
  Filters() : role(projection()) {
    role.serve([](api::ServiceContext context) { return make_service(context); });
  }

  Answer get(const std::string& query) { return role.get("/v1/certificates" + query).as_administrator().send(); }
  Serials list(const std::string& query) {
    const auto answer = get(query);
    EXPECT_EQ(answer.status, 200u) << query << answer.body;
    Serials serials;
    const Json json = answer.json();
    for (const auto& certificate : json["certificates"]) serials.push_back(certificate["serial"]);
    return serials;
  }
  // Every page of a question, as the role answers it.
  Serials all_of(Question question, std::size_t* examined = nullptr) {
    Serials all;
    for (std::size_t pages = 0; pages < 10'000; ++pages) {
      const auto page = async::run_to_end(dashboard_api::list(role.view(), question, role.clock().now()));
      EXPECT_TRUE(page) << page.error().detail;
      if (!page) break;
      EXPECT_LE(page->certificates.size(), question.limit);
      EXPECT_TRUE(page->certificates.size() == question.limit || page->partial || !page->next) << "a short page is the last, or says why";
      for (const auto& certificate : page->certificates) all.push_back(certificate.serial.hex());
      if (examined != nullptr) *examined += page->examined;
      if (!page->next) return all;
      question.cursor = *page->next;
    }
    ADD_FAILURE() << "the pages do not end";
    return all;
  }
  void revoked(const std::string& serial) {
    role.given(
        events::CertificateRevoked{*SerialNumber::from_hex(serial), AuthorityId("issuing-1"), "superseded", std::string(64, 'a'), {}});
  }
  void held(const std::string& serial) { role.given(events::CertificateHeld{*SerialNumber::from_hex(serial), AuthorityId("issuing-1")}); }
  void released(const std::string& serial) {
    role.given(events::CertificateReleased{*SerialNumber::from_hex(serial), AuthorityId("issuing-1")});
  }

  test::Role role;
};

TEST_F(Filters, a_search_finds_by_everything_that_somebody_may_have_copied) {
  role.given(test::an_issued("0a1b2c", {"DNS:api.shop.internal"}));
  role.given(test::an_issued("2a", {"DNS:web.internal", "URI:spiffe://TD/Web"}));
  role.given(test::an_issued("beef", {"DNS:beef.internal"}));
  const std::string sha256 = hex_encode(crypto::view(crypto::sha256("DER of 2a")));
  std::string colons;
  for (std::size_t i = 0; i < sha256.size(); i += 2) colons += (i ? ":" : "") + sha256.substr(i, 2);
  EXPECT_THAT(list("?search=0A:1B:2C"), ElementsAre("0a1b2c"));
  EXPECT_THAT(list("?search=0a1b2c"), ElementsAre("0a1b2c"));
  EXPECT_THAT(list("?search=42"), ElementsAre("2a"));  // decimal
  EXPECT_THAT(list("?search=%20662316%20"), ElementsAre("0a1b2c"));
  EXPECT_THAT(list("?search=" + sha256), ElementsAre("2a"));
  EXPECT_THAT(list("?search=" + colons), ElementsAre("2a"));
  EXPECT_THAT(list("?sha256=" + colons), ElementsAre("2a"));
  EXPECT_THAT(list("?search=api.shop.internal"), ElementsAre("0a1b2c"));
  EXPECT_THAT(list("?search=API"), ElementsAre("0a1b2c"));
  EXPECT_THAT(list("?search=.internal"), ElementsAre("beef", "0a1b2c", "2a"));
  EXPECT_THAT(list("?search=spiffe://td/"), ElementsAre("2a"));
  EXPECT_THAT(list("?search=bee"), ElementsAre("beef"));  // no serial: what a name begins with
  EXPECT_THAT(list("?prefix=web"), ElementsAre("2a"));
  EXPECT_THAT(list("?search=nothing"), IsEmpty());
  EXPECT_THAT(list("?search=42&status=revoked"), IsEmpty());
  EXPECT_THAT(list("?sha256=" + std::string(64, '0')), IsEmpty());
}

TEST_F(Filters, what_cannot_be_meant_is_refused_by_name) {
  const std::pair<const char*, const char*> refused[] = {{"?search=", "search-malformed"},
                                                         {"?search=a%00b", "search-malformed"},
                                                         {"?prefix=", "search-malformed"},
                                                         {"?search=a&name=b", "search-malformed"},
                                                         {"?sha256=12", "sha256-malformed"},
                                                         {"?renewal=late", "renewal-unknown"},
                                                         {"?issued_after=soon", "time-malformed"},
                                                         {"?as_of=never", "as-of-malformed"},
                                                         {"?as_of=2100-01-01T00:00:00Z", "as-of-not-yet"},
                                                         {"?as_of=0.999", "as-of-not-yet"},
                                                         {"/counts", "field-unknown"},
                                                         {"/counts?by=name", "field-unknown"},
                                                         {"/counts?by=service&cursor=AAAA", "cursor-malformed"},
                                                         {"/counts?by=service&limit=0", "limit-malformed"},
                                                         {"/expiry?bin=week", "bin-unknown"},
                                                         {"/expiry?bins=401", "limit-malformed"},
                                                         {"/issuance?from=then", "time-malformed"}};
  for (const auto& [query, reason] : refused) EXPECT_EQ(get(query).reason(), reason) << query;
}

TEST_F(Filters, overdue_is_what_nobody_renewed) {
  role.given(test::an_issued("01"));
  role.given(test::an_issued("02"));
  role.given(test::an_issued("03"));
  auto successor = test::an_issued("04");
  successor.replaces = *SerialNumber::from_hex("01");
  successor.not_after = *Instant::parse("2027-12-01T00:00:00Z");
  role.given(successor);
  revoked("02");
  EXPECT_THAT(list("?renewal=overdue"), IsEmpty());
  role.advance(std::chrono::hours(24 * 61));
  EXPECT_THAT(list("?renewal=overdue"), ElementsAre("03"));
  EXPECT_EQ(get("/03").json()["overdue"], true);
  held("03");
  EXPECT_THAT(list("?renewal=overdue"), IsEmpty());
  released("03");
  EXPECT_THAT(list("?renewal=overdue"), ElementsAre("03"));
  revoked("04");  // and its predecessor lacks a successor again
  EXPECT_THAT(list("?renewal=overdue"), ElementsAre("03", "01"));
  role.advance(std::chrono::hours(24 * 40));
  EXPECT_THAT(list("?renewal=overdue"), IsEmpty()) << "they have ended";
}

// The role against the definition of every filter, over a thousand certificates, in pages, with small budgets.
TEST_F(Filters, every_combination_finds_what_matches_and_nothing_else) {
  std::mt19937 random(7);
  const auto pick = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  constexpr std::size_t kCertificates = 1'500;
  const Instant start = role.clock().now();
  for (std::size_t i = 0; i < kCertificates; ++i) {
    std::string serial = std::to_string(100'000 + i);
    auto issued = test::an_issued(serial, {"DNS:n" + std::to_string(pick(40)) + ".s" + std::to_string(pick(6)) + ".internal"});
    issued.service = "s" + std::to_string(pick(6));
    if (pick(3) != 0) issued.node = "n" + std::to_string(pick(40));
    issued.profile = pick(50) == 0 ? "rare" : "tls-server";
    issued.authority = AuthorityId(pick(4) == 0 ? "issuing-2" : "issuing-1");
    issued.not_after =
        Instant::from_milliseconds(start.milliseconds() + static_cast<std::int64_t>(pick(400)) * 86'400'000 - 20LL * 86'400'000);
    role.given_unchecked(issued);
    if (pick(5) == 0) {
      role.given_unchecked(events::CertificateRevoked{issued.serial, issued.authority, "superseded", issued.key_sha256, std::nullopt});
    } else if (pick(9) == 0) {
      role.given_unchecked(events::CertificateHeld{issued.serial, issued.authority});
    }
  }
  role.settle();
  const Instant now = role.clock().now();
  std::vector<Certificate> everything;
  for (Question question{.limit = 500};;) {
    const auto page = async::run_to_end(dashboard_api::list(role.view(), question, now));
    ASSERT_TRUE(page) << page.error().detail;
    everything.insert(everything.end(), page->certificates.begin(), page->certificates.end());
    if (!page->next) break;
    question.cursor = *page->next;
  }
  ASSERT_EQ(everything.size(), kCertificates);

  for (int round = 0; round < 200; ++round) {
    Question question{.limit = 1 + pick(60), .examine = 20 + pick(400)};
    if (pick(3) == 0) question.values[Field::service] = "s" + std::to_string(pick(7));
    if (pick(4) == 0) question.values[Field::node] = "n" + std::to_string(pick(40));
    if (pick(4) == 0) question.values[Field::profile] = pick(2) == 0 ? "rare" : "tls-server";
    if (pick(4) == 0) question.values[Field::authority] = pick(2) == 0 ? "issuing-1" : "issuing-2";
    if (pick(6) == 0) question.values[Field::key] = "other";
    if (pick(6) == 0) question.whose = pick(3) == 0 ? "token:nobody" : "control:tester";
    if (pick(3) == 0) question.status = static_cast<Question::Status>(pick(4));
    if (pick(5) == 0) question.expires_before = now + std::chrono::hours(24 * pick(300));
    if (pick(5) == 0) question.expires_after = now + std::chrono::hours(24 * pick(100));
    if (pick(6) == 0) question.issued_before = now + Milliseconds(1);
    if (pick(12) == 0) question.issued_after = now + Milliseconds(1);
    if (pick(6) == 0) question.overdue = true;
    switch (pick(5)) {
      case 0: question.name = name_group("DNS:n1.s" + std::to_string(pick(6)) + ".internal"); break;
      case 1: question.name = suffix_group(".s" + std::to_string(pick(6)) + ".internal"), question.is_suffix = true; break;
      case 2: question.prefix = "n" + std::to_string(pick(40)); break;
      default: break;
    }
    Serials expected;
    for (const auto& certificate : everything) {
      if (matches(certificate, question, now)) expected.push_back(certificate.serial.hex());
    }
    Serials found = all_of(question);
    std::sort(found.begin(), found.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(found, expected) << "round " << round;
  }
}

// Two filters that have much, together little: no certificate is read that is not in both.
TEST_F(Filters, two_indexes_are_read_together) {
  constexpr std::size_t kCertificates = 2'000;
  for (std::size_t i = 0; i < kCertificates; ++i) {
    auto issued = test::an_issued(std::to_string(100'000 + i));
    issued.service = i < 1'000 ? "old" : "new";
    issued.node = i % 2 == 0 || i > 1'500 ? "a" : "b";
    role.given_unchecked(issued);
  }
  role.settle();
  std::size_t examined = 0;
  Question question{.values = {{Field::service, "new"}, {Field::node, "b"}}};
  const auto found = all_of(question, &examined);
  EXPECT_EQ(found.size(), 250u);
  EXPECT_LT(examined, found.size() * 16);
}

TEST_F(Filters, how_it_stood_at_a_past_moment_or_position) {
  role.given(test::an_issued("01"));
  role.given(test::an_issued("02"));
  const Instant first = role.clock().now();
  role.advance(std::chrono::hours(1));
  held("01");
  const Instant second = role.clock().now();
  role.advance(std::chrono::hours(1));
  released("01");
  const auto position = role.given(test::an_issued("03"));
  role.advance(std::chrono::hours(1));
  revoked("02");
  auto successor = test::an_issued("04");
  successor.replaces = *SerialNumber::from_hex("01");
  role.given(successor);

  const auto at = [](Instant moment) { return "as_of=" + moment.rfc3339_seconds(); };
  const auto status = [&](const std::string& serial, const std::string& query) { return get("/" + serial + query).json()["status"]; };
  EXPECT_THAT(list("?" + at(first)), ElementsAre("02", "01"));
  EXPECT_THAT(list("?" + at(second) + "&status=held"), ElementsAre("01"));
  EXPECT_THAT(list("?" + at(second) + "&status=good"), ElementsAre("02"));
  EXPECT_THAT(list("?as_of=" + position.text()), ElementsAre("03", "02", "01"));
  EXPECT_THAT(list("?as_of=" + position.text() + "&status=revoked"), IsEmpty());
  EXPECT_THAT(list("?" + at(role.clock().now()) + "&status=revoked"), ElementsAre("02"));
  EXPECT_THAT(list("?" + at(second) + "&name=api.internal&status=held"), ElementsAre("01"));
  EXPECT_EQ(status("01", "?" + at(first)), "good");
  EXPECT_EQ(status("01", "?" + at(second)), "held");
  EXPECT_EQ(status("01", "?as_of=" + position.text()), "good");
  EXPECT_EQ(status("02", ""), "revoked");
  EXPECT_EQ(status("02", "?as_of=" + position.text()), "good");
  EXPECT_EQ(get("/04?" + at(second)).reason(), "certificate-unknown");
  EXPECT_FALSE(get("/01?" + at(second)).json().contains("replaced_by"));
  EXPECT_EQ(get("/01").json()["replaced_by"], "04");

  const Json history = get("/01").json()["history"];
  std::vector<std::string> what;
  for (const auto& entry : history) what.push_back(entry["what"]);
  EXPECT_THAT(what, ElementsAre("issued", "held", "released", "renewed"));
  EXPECT_EQ(history[3]["successor"], "04");

  const auto exported = role.get("/v1/certificates/export?format=ndjson&" + at(second)).as_administrator().send();
  const std::string lines = exported.all_pieces();
  EXPECT_EQ(std::count(lines.begin(), lines.end(), '\n'), 2);
  EXPECT_NE(lines.find("\"status\":\"held\""), std::string::npos);
}

TEST_F(Filters, a_moment_that_is_forgotten_in_part_is_refused) {
  role.given(test::an_issued("01"));
  const std::string moment = "?as_of=" + role.clock().now().rfc3339_seconds();
  EXPECT_THAT(list(moment), ElementsAre("01"));
  role.advance(std::chrono::hours(24 * 400));
  role.given(events::CertificatesExpired{*Instant::parse("2027-03-20T00:00:00Z"), *Instant::parse("2027-02-20T00:00:00Z")});
  EXPECT_EQ(get(moment).reason(), "as-of-forgotten");
  EXPECT_EQ(get("?as_of=2027-03-01T00:00:00Z").status, 200u);
}

TEST_F(Filters, more_than_a_hundred_changes_are_in_the_log_alone) {
  role.given(test::an_issued("01"));
  const std::string begin = "?as_of=" + role.clock().now().rfc3339_seconds();
  role.advance(std::chrono::hours(1));
  for (int i = 0; i < 60; ++i) {
    role.given_unchecked(events::CertificateHeld{*SerialNumber::from_hex("01"), AuthorityId("issuing-1")});
    role.given_unchecked(events::CertificateReleased{*SerialNumber::from_hex("01"), AuthorityId("issuing-1")});
  }
  role.settle();
  EXPECT_EQ(get("/01").json()["history"].size(), 101u);
  EXPECT_EQ(get("/01").json()["history_cut"], true);
  EXPECT_EQ(get("/01" + begin).json()["status_unknown"], true);
  EXPECT_EQ(get(begin).json()["certificates"][0]["status_unknown"], true);
}

}  // namespace
}  // namespace quicklime::dashboard_api
