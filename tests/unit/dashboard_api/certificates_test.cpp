// Lists and details: what is shown, in which order, to whom.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ca/authority.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/service.hpp"
#include "pki/pem.hpp"
#include "support/role_fixture.hpp"
#include "support/watched_store.hpp"

namespace quicklime::dashboard_api {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Serials = std::vector<std::string>;

class Certificates : public ::testing::Test {
 protected:
  Certificates() : role(projection()) {
    role.serve([](api::ServiceContext context) { return make_service(context); });
  }

  void issued(const std::string& serial, std::vector<std::string> names = {"DNS:api.internal"}) {
    role.given(test::an_issued(serial, std::move(names)), {events::Actor::Kind::token, "ci"});
  }
  void revoked(const std::string& serial, const std::string& reason = "superseded") {
    role.given(
        events::CertificateRevoked{*SerialNumber::from_hex(serial), AuthorityId("issuing-1"), reason, std::string(64, 'a'), std::nullopt});
  }
  void held(const std::string& serial) { role.given(events::CertificateHeld{*SerialNumber::from_hex(serial), AuthorityId("issuing-1")}); }
  void released(const std::string& serial) {
    role.given(events::CertificateReleased{*SerialNumber::from_hex(serial), AuthorityId("issuing-1")});
  }

  Answer get(const std::string& target) { return role.get(target).as_administrator().send(); }
  static Serials serials_of(const Answer& answer) {
    EXPECT_EQ(answer.status, 200u) << answer.body;
    Serials serials;
    const Json json = answer.json();
    for (const auto& certificate : json["certificates"]) serials.push_back(certificate["serial"]);
    return serials;
  }
  Serials list(const std::string& query = "") { return serials_of(get("/v1/certificates" + query)); }
  // Every page behind `next`, one after the other.
  Serials all_pages(const std::string& query, std::size_t* pages = nullptr) {
    Serials all;
    std::string cursor;
    do {
      const auto answer = get("/v1/certificates" + query + (cursor.empty() ? "" : "&cursor=" + cursor));
      for (const auto& serial : serials_of(answer)) all.push_back(serial);
      cursor = answer.json().value("next", "");
      if (pages) ++*pages;
    } while (!cursor.empty());
    return all;
  }
  std::string reason(const std::string& query) { return get("/v1/certificates" + query).reason(); }

  test::Role role;
};

TEST_F(Certificates, newest_first_in_pages_that_hold_each_once) {
  for (const auto* serial : {"05", "01", "04", "02", "03"}) issued(serial);
  EXPECT_THAT(list(), ElementsAre("03", "02", "04", "01", "05"));
  std::size_t pages = 0;
  EXPECT_THAT(all_pages("?limit=2", &pages), ElementsAre("03", "02", "04", "01", "05"));
  EXPECT_EQ(pages, 3u);
  EXPECT_FALSE(get("/v1/certificates?limit=5").json().contains("next"));  // a full page is not a promise of another
}

// What one revokes or looks at as one: a service, a node of it, all that somebody asked for, in pages.
TEST_F(Certificates, of_a_service_a_node_or_a_requester) {
  const events::Actor ci{events::Actor::Kind::token, "ci"}, alice{events::Actor::Kind::user, "local:alice", "0a0b0c0d0e0f0a0b"};
  const auto given = [&](const std::string& serial, const char* service, const char* node, const events::Actor& actor) {
    auto issued = test::an_issued(serial);
    issued.service = service;
    issued.node = node;
    role.given(std::move(issued), actor);
  };
  given("01", "shop", "n1", ci);
  given("02", "shop", "n2", ci);
  given("03", "mail", "n1", alice);
  given("04", "shop", "n1", alice);
  auto renewed = test::an_issued("05");
  renewed.replaces = *SerialNumber::from_hex("04");
  role.given(renewed, {events::Actor::Kind::certificate, "04"});
  EXPECT_THAT(list("?service=shop&node=n1"), ElementsAre("04", "01"));
  EXPECT_THAT(list("?node=n1"), ElementsAre("04", "03", "01"));
  EXPECT_THAT(list("?requester=user:local:alice"), ElementsAre("05", "04", "03"));
  EXPECT_THAT(list("?requester=token:ci&node=n2"), ElementsAre("02"));
  EXPECT_THAT(list("?requester=alice"), IsEmpty());
  EXPECT_THAT(list("?requester=*"), IsEmpty());
  EXPECT_THAT(list("?requester="), IsEmpty());
  EXPECT_THAT(all_pages("?requester=user:local:alice&limit=1"), ElementsAre("05", "04", "03"));
  const auto first = get("/v1/certificates?requester=token:ci&limit=1").json()["next"].get<std::string>();
  EXPECT_EQ(reason("?requester=user:local:alice&limit=1&cursor=" + first), "cursor-malformed");
}

// Who sees his own alone finds nothing of others, whatever he asks for.
TEST_F(Certificates, a_filter_shows_a_requester_nothing_of_others) {
  issued("01");
  const auto token = role.given_token(access::Role::requester);
  const std::string own = "token:" + test::Role::id_of(token).text();
  role.given(test::an_issued("02"), {events::Actor::Kind::token, test::Role::id_of(token).text()});
  const auto seen = [&](const std::string& query) { return serials_of(role.get("/v1/certificates" + query).as(token).send()); };
  EXPECT_THAT(seen("?requester=token:ci"), IsEmpty());
  EXPECT_THAT(seen("?requester=*"), IsEmpty());
  EXPECT_THAT(seen("?requester=" + own), ElementsAre("02"));
}

TEST_F(Certificates, what_is_issued_between_two_pages_neither_repeats_nor_hides_anything) {
  for (const auto* serial : {"01", "02", "03", "04"}) issued(serial);
  const auto first = get("/v1/certificates?limit=2");
  EXPECT_THAT(serials_of(first), ElementsAre("04", "03"));
  issued("05");
  EXPECT_THAT(list("?limit=2&cursor=" + first.json()["next"].get<std::string>()), ElementsAre("02", "01"));
}

TEST_F(Certificates, a_summary_says_what_a_list_needs) {
  auto issued = test::an_issued("0a", {"DNS:api.internal", "IP:10.0.0.7"});
  issued.service = "shop";
  issued.node = "n1";
  const auto position = role.given(issued, {events::Actor::Kind::token, "ci"});
  revoked("0a", "keyCompromise");
  const auto answer = get("/v1/certificates");
  const Json certificate = answer.json()["certificates"][0];
  EXPECT_EQ(certificate, (Json{{"serial", "0a"},
                               {"names", {"DNS:api.internal", "IP:10.0.0.7"}},
                               {"status", "revoked"},
                               {"expired", false},
                               {"reason", "keyCompromise"},
                               {"revoked_at", "2026-11-21T12:00:00Z"},
                               {"profile", "tls-server"},
                               {"authority", "issuing-1"},
                               {"service", "shop"},
                               {"node", "n1"},
                               {"requester", "token:ci"},
                               {"key", "other"},
                               {"renewal_due", "2027-01-20T11:59:40Z"},
                               {"not_before", "2026-11-21T11:59:00Z"},
                               {"not_after", "2027-02-19T12:00:00Z"},
                               {"issued_at", "2026-11-21T12:00:00.000Z"}}));
  EXPECT_EQ(answer.json()["position"], (Position{0, position.offset + 1}.text()));
  EXPECT_EQ(answer.header("Quicklime-Position"), answer.json()["position"].get<std::string>());
  EXPECT_EQ(answer.json()["age_seconds"], 0.0);
}

TEST_F(Certificates, what_a_revoked_author_still_got_is_marked) {
  const auto token = role.given_token(access::Role::requester);
  const events::Actor author{events::Actor::Kind::token, test::Role::id_of(token).text()};
  role.given(test::an_issued("01"), author);
  role.given(events::TokenRevoked{test::Role::id_of(token)});
  role.given(test::an_issued("02"), author);  // by a process that did not know yet
  auto renewed = test::an_issued("03");
  renewed.replaces = *SerialNumber::from_hex("01");
  role.given(renewed, {events::Actor::Kind::certificate, "01"});
  revoked("01");
  auto late = test::an_issued("04");
  late.replaces = *SerialNumber::from_hex("01");
  role.given(late, {events::Actor::Kind::certificate, "01"});
  const auto marks = [&](const std::string& serial) { return get("/v1/certificates/" + serial).json().value("author_revoked", false); };
  EXPECT_FALSE(marks("01"));
  EXPECT_TRUE(marks("02"));
  EXPECT_FALSE(marks("03"));
  EXPECT_TRUE(marks("04"));
  const Json listed = get("/v1/certificates").json()["certificates"];
  EXPECT_EQ(listed[2]["serial"], "02");
  EXPECT_EQ(listed[2]["author_revoked"], true);
  EXPECT_FALSE(listed[3].contains("author_revoked"));
}

TEST_F(Certificates, by_name_exactly_and_by_domain_suffix) {
  issued("01", {"DNS:api.internal"});
  issued("02", {"DNS:b.load.internal", "DNS:a.load.internal"});
  issued("03", {"DNS:*.load.internal"});
  issued("04", {"IP:10.0.0.7"});
  issued("05", {"email:ops@example.com"});
  issued("06", {"DNS:internal.example.com", "DNS:load.internal"});
  issued("07", {"DNS:api.internal"});
  EXPECT_THAT(list("?name=api.internal"), ElementsAre("07", "01"));
  EXPECT_THAT(list("?name=API.Internal"), ElementsAre("07", "01"));
  EXPECT_THAT(list("?name=*.load.internal"), ElementsAre("03"));
  EXPECT_THAT(list("?name=10.0.0.7"), ElementsAre("04"));
  EXPECT_THAT(list("?name=load.internal"), ElementsAre("06"));
  EXPECT_THAT(list("?name=pi.internal"), IsEmpty());
  // Below the domain, in the order of names, each certificate once, the domain itself left out.
  EXPECT_THAT(list("?name=.load.internal"), ElementsAre("03", "02"));
  EXPECT_THAT(all_pages("?name=.internal&limit=1"), ElementsAre("01", "07", "06", "03", "02"));
  EXPECT_THAT(list("?name=.example.com"), ElementsAre("06"));
  EXPECT_EQ(get("/v1/certificates?name=not%20a%20name").status, 400u);
}

TEST_F(Certificates, by_status_as_it_changes) {
  for (const auto* serial : {"01", "02", "03", "04"}) issued(serial);
  revoked("01");
  held("02");
  held("03");
  released("03");
  EXPECT_THAT(list("?status=revoked"), ElementsAre("01"));
  EXPECT_THAT(list("?status=held"), ElementsAre("02"));
  EXPECT_THAT(list("?status=good"), ElementsAre("04", "03"));
  EXPECT_THAT(list("?status=expired"), IsEmpty());
  revoked("02");
  EXPECT_THAT(list("?status=held"), IsEmpty());
  EXPECT_THAT(list("?status=revoked"), ElementsAre("02", "01"));
  role.advance(std::chrono::hours(24 * 200));
  EXPECT_THAT(list("?status=good"), IsEmpty());
  EXPECT_THAT(list("?status=expired"), ElementsAre("04", "03", "02", "01"));
  EXPECT_EQ(get("/v1/certificates").json()["certificates"][0]["expired"], true);
  EXPECT_EQ(reason("?status=lost"), "status-unknown");
}

TEST_F(Certificates, by_expiry_the_soonest_first) {
  const std::pair<const char*, const char*> ends[] = {
      {"01", "2026-12-24T00:00:00Z"}, {"02", "2026-11-22T00:00:00Z"}, {"03", "2026-11-25T00:00:00Z"}, {"04", "2026-11-20T00:00:00Z"}};
  for (const auto& [serial, end] : ends) {
    auto issued = test::an_issued(serial);
    issued.not_after = *Instant::parse(end);
    role.given(issued);
  }
  EXPECT_THAT(list("?expires_before=2026-12-01T00:00:00Z"), ElementsAre("04", "02", "03"));
  EXPECT_THAT(all_pages("?expires_before=2026-12-01T00:00:00Z&limit=1"), ElementsAre("04", "02", "03"));
  EXPECT_THAT(list("?expires_before=2026-12-01T00:00:00Z&status=good"), ElementsAre("02", "03"));  // not what is over already
  EXPECT_THAT(list("?expires_before=2026-11-22T00:00:00Z"), ElementsAre("04"));
  EXPECT_THAT(list("?expires_before=2026-12-01T00:00:00Z&name=api.internal&limit=1"), ElementsAre("04"));
  EXPECT_EQ(get("/v1/certificates?expires_before=soon").json()["errors"][0]["pointer"], "expires_before");
}

TEST_F(Certificates, by_service_and_several_filters_at_once) {
  for (const auto* serial : {"01", "02", "03"}) {
    auto issued = test::an_issued(serial);
    if (serial != std::string("02")) issued.service = "shop";
    role.given(issued);
  }
  revoked("03");
  EXPECT_THAT(list("?service=shop"), ElementsAre("03", "01"));
  EXPECT_THAT(list("?service=sho"), IsEmpty());
  EXPECT_THAT(list("?service=shop&status=good&name=api.internal"), ElementsAre("01"));
}

TEST_F(Certificates, a_requester_sees_its_own_and_learns_nothing_of_others) {
  const std::string token = role.given_token(access::Role::requester);
  const events::Actor own{events::Actor::Kind::token, test::Role::id_of(token).text()};
  for (const auto* serial : {"01", "02", "03"}) issued(serial);
  role.given(test::an_issued("0a"), own);
  issued("04");
  role.given(test::an_issued("0b"), own);
  const auto get_as_requester = [&](const std::string& target) { return role.get(target).as(token).send(); };
  for (const auto* query : {"", "?name=api.internal", "?name=.internal", "?status=good", "?limit=2"}) {
    const auto answer = get_as_requester("/v1/certificates" + std::string(query));
    EXPECT_THAT(serials_of(answer), ElementsAre("0b", "0a")) << query;
    EXPECT_FALSE(answer.json().contains("next")) << query;
  }
  EXPECT_THAT(serials_of(get_as_requester("/v1/certificates?expires_before=2030-01-01T00:00:00Z")), ElementsAre("0a", "0b"));
  EXPECT_EQ(get_as_requester("/v1/certificates/0a").status, 200u);
  EXPECT_EQ(get_as_requester("/v1/certificates/01").status, 404u);
  // Another's cursor opens nothing.
  const std::string next = get("/v1/certificates?limit=1").json()["next"];
  EXPECT_EQ(get_as_requester("/v1/certificates?cursor=" + next).reason(), "cursor-malformed");
  const std::string auditor = role.given_token(access::Role::auditor);
  EXPECT_EQ(serials_of(role.get("/v1/certificates").as(auditor).send()).size(), 6u);
  EXPECT_EQ(role.get("/v1/certificates").send().status, 401u);
}

TEST_F(Certificates, a_cursor_belongs_to_its_question) {
  for (const auto* serial : {"01", "02", "03"}) issued(serial);
  const std::string next = get("/v1/certificates?limit=1").json()["next"];
  EXPECT_THAT(list("?limit=2&cursor=" + next), ElementsAre("02", "01"));  // another length of page is the same question
  for (const auto& query : {"?status=good&cursor=" + next, std::string("?cursor=rubbish!"), std::string("?cursor=AAAA"),
                            "?expires_before=2030-01-01T00:00:00Z&cursor=" + next}) {
    EXPECT_EQ(reason(query), "cursor-malformed") << query;
  }
  EXPECT_EQ(reason("?limit=0"), "limit-malformed");
  EXPECT_EQ(reason("?limit=501"), "limit-malformed");
  EXPECT_EQ(reason("?page=2"), "parameter-unknown");
}

TEST_F(Certificates, a_request_looks_at_a_bounded_number_however_few_match) {
  issued("ffff");
  for (const auto* serial : {"01", "02", "03", "04", "05", "06", "07"}) issued(serial);
  for (const auto* serial : {"01", "02", "03", "04", "05", "06", "07"}) revoked(serial);
  // The oldest of all is the only match, and what is good stands in no index.
  Question question{.status = Question::Status::good, .examine = 3};
  Serials found;
  std::size_t pages = 0;
  do {
    const auto page = async::run_to_end(dashboard_api::list(role.view(), question, role.clock().now()));
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_EQ(page->certificates.size(), pages == 2 ? 1u : 0u);  // empty pages are not the last ones, and say so
    EXPECT_EQ(page->partial, page->next.has_value());
    for (const auto& certificate : page->certificates) found.push_back(certificate.serial.hex());
    question.cursor = page->next.value_or("");
    ++pages;
  } while (!question.cursor.empty());
  EXPECT_THAT(found, ElementsAre("ffff"));
  EXPECT_EQ(pages, 3u);
}

TEST_F(Certificates, a_record_that_cannot_be_read_hides_itself_and_not_the_page) {
  for (const auto* serial : {"01", "02", "03"}) issued(serial);
  const auto state = role.store().state();
  views::Changes changes;
  changes.points[{kCertificate, "02"}] = "rubbish";
  ASSERT_TRUE(role.store().apply((*state)->anchor.position, changes, **state));
  EXPECT_THAT(list(), ElementsAre("03", "01"));
  EXPECT_THAT(all_pages("?limit=1"), ElementsAre("03", "01"));
}

TEST_F(Certificates, lists_are_served_however_stale_and_say_so) {
  issued("01");
  role.let_the_view_age(Seconds(600));
  const auto answer = get("/v1/certificates");
  EXPECT_THAT(serials_of(answer), ElementsAre("01"));
  EXPECT_NEAR(answer.json()["age_seconds"].get<double>(), 600.0, 1.0);
  const auto detail = get("/v1/certificates/01");
  EXPECT_EQ(detail.status, 200u);
  EXPECT_NEAR(detail.json()["age_seconds"].get<double>(), 600.0, 1.0);
}

TEST_F(Certificates, in_detail_with_its_chain) {
  const Instant now = role.clock().now();
  const ca::AuthorityPlan plan{.organization = "Test", .public_url = "http://ca.test"};
  const auto root = ca::make_root(plan, now);
  const auto issuing = ca::make_issuing(plan, *root, now);
  role.given(events::AuthorityAdded{root->id, std::nullopt, root->certificate.der()});
  role.given(events::AuthorityAdded{issuing->id, root->id, issuing->certificate.der()});
  auto issued = test::an_issued("2a");
  issued.authority = issuing->id;
  const auto position = role.given(issued);
  for (const auto* serial : {"2a", "2A", "0x2a", "42"}) {  // 42: in decimal, as step-ca prints it
    const auto answer = get("/v1/certificates/" + std::string(serial));
    ASSERT_EQ(answer.status, 200u) << serial << answer.body;
    const Json json = answer.json();
    EXPECT_EQ(json["serial"], "2a");
    EXPECT_EQ(json["certificate"], pki::pem_encode("CERTIFICATE", issued.certificate));
    EXPECT_EQ(json["chain"], pki::pem_encode("CERTIFICATE", issuing->certificate.der()));
    EXPECT_EQ(json["sha256"], hex_encode(crypto::view(crypto::sha256(issued.certificate))));
    EXPECT_EQ(json["key_sha256"], issued.key_sha256);
    EXPECT_EQ(json["issued_position"], position.text());
    EXPECT_EQ(json["position"], answer.header("Quicklime-Position"));
  }
  EXPECT_EQ(get("/v1/certificates/2b").reason(), "certificate-unknown");
  EXPECT_EQ(get("/v1/certificates/xyz").status, 400u);

  const Json authorities = get("/v1/authorities").json()["authorities"];
  ASSERT_EQ(authorities.size(), 2u);
  EXPECT_EQ(authorities[0]["id"], root->id.text());
  EXPECT_FALSE(authorities[0].contains("parent"));
  EXPECT_EQ(authorities[1]["parent"], root->id.text());
  EXPECT_EQ(authorities[1]["key"], "P-256");
  EXPECT_EQ(authorities[1]["subject"], issuing->certificate.subject().text());
  EXPECT_EQ(authorities[1]["retired"], false);
}

TEST_F(Certificates, a_successor_is_named_until_it_is_revoked) {
  issued("01");
  auto second = test::an_issued("02");
  second.replaces = *SerialNumber::from_hex("01");
  role.given(second);
  auto third = test::an_issued("03");  // a second renewal lost the race: the sweep will revoke it
  third.replaces = second.replaces;
  role.given(third);
  EXPECT_EQ(get("/v1/certificates/01").json()["replaced_by"], "02");
  EXPECT_EQ(get("/v1/certificates/02").json()["replaces"], "01");
  revoked("03");
  EXPECT_EQ(get("/v1/certificates/01").json()["replaced_by"], "02");
  revoked("02");
  EXPECT_FALSE(get("/v1/certificates/01").json().contains("replaced_by"));
}

// The view goes on between the reads of a list, after its counts and its keys and before their records.
TEST_F(Certificates, what_is_forgotten_while_a_list_is_read_is_said_to_be) {
  issued("0a");
  test::WatchedStore store(role.store());
  store.before_next_get = [&] {
    store.before_next_get = [this] {
      role.given(events::CertificatesExpired{*Instant::parse("2027-03-20T00:00:00Z"), *Instant::parse("2027-02-20T00:00:00Z")});
    };
  };
  views::View view("dashboard_api", store, views::View::Notified::by_runner);
  for (const Question& question : {Question{}, Question{.status = Question::Status::revoked}}) {
    const auto page = async::run_to_end(dashboard_api::list(view, question, role.clock().now()));
    ASSERT_TRUE(page) << page.error().detail;
    EXPECT_THAT(page->certificates, IsEmpty());
    EXPECT_EQ(page->forgotten_before, Instant::parse("2027-02-20T00:00:00Z").value()) << "also with a page of nothing";
  }
}

TEST_F(Certificates, what_a_retention_in_the_log_names_is_forgotten_and_said_to_be) {
  issued("0a", {"DNS:old.internal"});
  revoked("0a");
  issued("0b", {"DNS:new.internal"});
  EXPECT_FALSE(get("/v1/certificates").json().contains("forgotten_before"));
  role.given(events::CertificatesExpired{*Instant::parse("2027-02-20T00:00:00Z")});
  EXPECT_EQ(list().size(), 2U) << "without a retention the inventory keeps everything";
  auto living = test::an_issued("0c", {"DNS:living.internal"});
  living.not_after = *Instant::parse("2028-01-01T00:00:00Z");
  role.given(living, {events::Actor::Kind::token, "ci"});
  role.given(events::CertificatesExpired{*Instant::parse("2027-03-20T00:00:00Z"), *Instant::parse("2027-02-20T00:00:00Z")});
  EXPECT_THAT(list(), ElementsAre("0c"));
  EXPECT_THAT(list("?status=revoked"), IsEmpty());
  EXPECT_THAT(list("?name=.internal"), ElementsAre("0c"));
  EXPECT_THAT(list("?expires_before=2030-01-01T00:00:00Z"), ElementsAre("0c"));
  EXPECT_EQ(get("/v1/certificates").json()["forgotten_before"], "2027-02-20T00:00:00Z");
  const auto gone = get("/v1/certificates/0a");
  EXPECT_EQ(gone.reason(), "certificate-unknown");
  EXPECT_NE(gone.body.find("what ended before 2027-02-20T00:00:00Z is in the log alone"), std::string::npos) << gone.body;
  EXPECT_EQ(get("/v1/certificates/0c").status, 200U);
}

TEST_F(Certificates, a_position_that_the_view_has_not_reached_is_503) {
  EXPECT_EQ(role.get("/v1/certificates").as_administrator().header("Quicklime-Min-Position", "0.0").send().status, 200u);
  const auto answer = role.get("/v1/certificates").as_administrator().header("Quicklime-Min-Position", "0.99").send();
  EXPECT_EQ(answer.status, 503u);
  EXPECT_EQ(answer.header("Retry-After"), "1");
}

TEST_F(Certificates, the_version_is_anybodys_to_ask) {
  const auto answer = role.get("/v1/version").send();
  EXPECT_EQ(answer.status, 200u);
  EXPECT_FALSE(answer.json()["version"].get<std::string>().empty());
}

}  // namespace
}  // namespace quicklime::dashboard_api
