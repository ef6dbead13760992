// Routes of the revocation role, from the request to the event and back.

#include "revocation/service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/work.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::revocation {
namespace {

using test::Answer;
using test::Json;
using Fault = eventlog::MemoryLog::Fault;

class Revocation : public ::testing::Test {
 protected:
  Revocation() : role(projection()) {
    role.serve([this](api::ServiceContext context) { return make_service(context, keys); });
    for (const auto* serial : {"0a", "0b", "0c"}) role.given(test::an_issued(serial));
    requester = role.given_token(access::Role::requester);
    before = role.log_length();
  }

  std::string secret_of(const std::string& serial) {
    return std::string(keys.current().secret_for(*SerialNumber::from_hex(serial)).reveal());
  }
  Answer revoke(const std::string& serial, const Json& body) {
    return role.post("/v1/certificates/" + serial + "/revoke").json(body).send();
  }
  Answer revoke_as_administrator(const std::string& serial, const Json& body) {
    return role.post("/v1/certificates/" + serial + "/revoke").as_administrator().json(body).send();
  }
  Answer act(const std::string& serial, const std::string& what) {
    return role.post("/v1/certificates/" + serial + "/" + what).as_administrator().send();
  }
  Answer revoke_many(const Json& body) { return role.post("/v1/revocations").as_administrator().json(body).send(); }
  std::size_t new_events() { return role.log_length() - before; }

  ca::RevocationKeys keys = ca::RevocationKey(Secret(std::string(32, 'k')));
  test::Role role;
  std::string requester;
  std::size_t before = 0;
};

TEST_F(Revocation, by_the_secret_alone) {
  const auto answer = revoke("0a", {{"secret", secret_of("0a")}, {"reason", "KEYCOMPROMISE"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["serial"], "0a");
  EXPECT_EQ(answer.json()["status"], "revoked");
  EXPECT_EQ(answer.json()["reason"], "keyCompromise");
  EXPECT_EQ(answer.json()["revoked_at"], "2026-11-21T12:00:00Z");
  EXPECT_EQ(answer.json()["position"], answer.header("Quicklime-Position"));
  ASSERT_EQ(new_events(), 1u);
  const auto event = role.written().back();
  EXPECT_EQ(event.actor, (events::Actor{events::Actor::Kind::revocation_secret, "0a"}));
  EXPECT_EQ(event.subject, "0a");
  EXPECT_EQ(event.request.text(), "asked");
  const auto& revoked = std::get<events::CertificateRevoked>(event.data);
  EXPECT_EQ(revoked.authority, AuthorityId("issuing-1"));
  EXPECT_EQ(revoked.key_sha256, test::an_issued("0a").key_sha256);
}

TEST_F(Revocation, the_secret_names_its_certificate) {
  const auto answer = role.post("/v1/revocations").json({{"secret", secret_of("0b")}}).send();
  ASSERT_EQ(answer.status, 200u) << answer.body;
  ASSERT_EQ(answer.json()["revocations"].size(), 1u);
  EXPECT_EQ(answer.json()["revocations"][0]["serial"], "0b");
  EXPECT_EQ(answer.json()["revocations"][0]["reason"], "unspecified");
}

TEST_F(Revocation, a_wrong_secret_is_refused_and_writes_nothing) {
  std::string forged = secret_of("0a");
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (const auto& secret : {forged, secret_of("0b"), std::string("qlr_0a_"), std::string(), std::string("rubbish")}) {
    const auto answer = revoke("0a", {{"secret", secret}});
    EXPECT_EQ(answer.status, 401u) << secret;
    EXPECT_EQ(answer.reason(), "revocation-secret-wrong") << secret;
  }
  EXPECT_EQ(role.post("/v1/revocations").json({{"secret", forged}}).send().status, 401u);
  EXPECT_EQ(new_events(), 0u);
}

// A stranger's body is read as far as a secret may reach, and no further than it can be one: counted.
TEST_F(Revocation, what_a_stranger_sends_is_hardly_read) {
  const auto values_of = [&](const std::string& target, const std::string& body) {
    const auto before = work::counted(work::Kind::json_value);
    EXPECT_GE(role.post(target).body("application/json", body).send().status, 400u);
    return work::counted(work::Kind::json_value) - before;
  };
  std::string deep = R"({"serials":)", wide = R"({"serials":[)";
  for (int i = 0; i < 20'000; ++i) deep += '[', wide += "0,";
  for (const std::string target : {"/v1/revocations", "/v1/certificates/0a/revoke"}) {
    EXPECT_EQ(values_of(target, deep), 0u);
    EXPECT_EQ(values_of(target, wide), 0u);
    EXPECT_LE(values_of(target, deep.substr(0, 4'096)), 2u);
    EXPECT_LE(values_of(target, wide.substr(0, 4'096)), 1'001u);
  }
  EXPECT_EQ(values_of("/v1/certificates/0a/hold", R"({"a":1})"), 0u);
  EXPECT_EQ(role.post("/v1/revocations").body("application/json", deep).send().status, 401u);
  EXPECT_EQ(role.post("/v1/revocations").as_administrator().body("application/json", deep).send().reason(), "member-kind");
  EXPECT_EQ(new_events(), 0u);
}

TEST_F(Revocation, an_empty_reason_is_none) {
  EXPECT_EQ(revoke("0a", {{"secret", secret_of("0a")}, {"reason", ""}}).reason(), "reason-unknown");
  EXPECT_EQ(role.post("/v1/certificates/0a/revoke").as_administrator().json({{"reason", ""}}).send().status, 400u);
  EXPECT_EQ(new_events(), 0u);
}

TEST_F(Revocation, nobody_and_who_did_not_ask_for_it_may_not) {
  EXPECT_EQ(revoke("0a", {{"reason", "superseded"}}).status, 401u);
  EXPECT_EQ(role.post("/v1/revocations").json({{"serials", {"0a"}}}).send().status, 401u);
  EXPECT_EQ(new_events(), 0u);
  const auto answer = role.post("/v1/certificates/0a/revoke").as(requester).send();
  EXPECT_EQ(answer.status, 403u);
  EXPECT_EQ(answer.reason(), "not-yours");
  ASSERT_EQ(new_events(), 1u);  // a denial of somebody we know is an event
  EXPECT_EQ(role.written_of<events::RequestDenied>().at(0).reason, "not-yours");
}

TEST_F(Revocation, twice_is_no_error_and_no_second_event) {
  ASSERT_EQ(revoke_as_administrator("0a", {{"reason", "superseded"}}).status, 200u);
  role.advance(Seconds(60));
  const auto again = revoke_as_administrator("0a", {{"reason", "cessationOfOperation"}});
  ASSERT_EQ(again.status, 200u);
  EXPECT_EQ(again.json()["reason"], "superseded");
  EXPECT_EQ(again.json()["revoked_at"], "2026-11-21T12:00:00Z");
  EXPECT_EQ(new_events(), 1u);
  const auto compromised = revoke("0a", {{"secret", secret_of("0a")}, {"reason", "keyCompromise"}});
  EXPECT_EQ(compromised.json()["reason"], "keyCompromise");
  EXPECT_EQ(compromised.json()["revoked_at"], "2026-11-21T12:00:00Z");
  EXPECT_EQ(new_events(), 2u);
}

TEST_F(Revocation, hold_release_and_what_they_answer) {
  const auto held = act("0a", "hold");
  ASSERT_EQ(held.status, 200u) << held.body;
  EXPECT_EQ(held.json()["status"], "held");
  EXPECT_EQ(held.json()["reason"], "certificateHold");
  EXPECT_EQ(act("0a", "hold").status, 200u);
  const auto released = act("0a", "release");
  EXPECT_EQ(released.json()["status"], "good");
  EXPECT_FALSE(released.json().contains("reason"));
  EXPECT_EQ(new_events(), 2u);
  ASSERT_EQ(revoke_as_administrator("0a", {{"reason", "certificateHold"}}).json()["status"], "held");
  EXPECT_EQ(role.written_of<events::CertificateHeld>().size(), 2u);
  ASSERT_EQ(revoke_as_administrator("0a", Json::object()).json()["status"], "revoked");
  EXPECT_EQ(act("0a", "hold").status, 409u);
  EXPECT_EQ(act("0a", "release").reason(), "certificate-revoked");
}

// The race of a revoked administrator: this view rests, and did not hear that the token is nobody's any more.
TEST_F(Revocation, a_release_by_a_token_that_was_revoked_meanwhile_releases_nothing) {
  const std::string author = role.given_token(access::Role::administrator);
  ASSERT_EQ(act("0a", "hold").status, 200u);
  const auto release = [&] { return role.post("/v1/certificates/0a/release").as(author).send(); };
  role.let_the_view_age(Milliseconds(1'000));
  role.given_unseen(events::TokenRevoked{test::Role::id_of(author)});
  const auto late = role.judged_late(release);
  EXPECT_EQ(late.status, 403u) << late.body;
  EXPECT_EQ(late.reason(), "token-revoked");
  EXPECT_EQ(role.written_of<events::CertificateReleased>().size(), 1u) << "it is in the log, and changes nothing";
  EXPECT_EQ(role.written_of<events::RequestDenied>().back().reason, "token-revoked");
  EXPECT_EQ(release().status, 401u);
  EXPECT_EQ(act("0a", "hold").json()["status"], "held");
  EXPECT_EQ(act("0a", "release").json()["status"], "good") << "whom no log can take back";
}

TEST_F(Revocation, a_release_by_a_token_in_time_is_answered_when_it_is_judged) {
  const std::string author = role.given_token(access::Role::administrator);
  const auto release = [&] { return role.post("/v1/certificates/0a/release").as(author).send(); };
  ASSERT_EQ(act("0a", "hold").status, 200u);
  role.let_the_view_age(Milliseconds(1'000));
  const auto unjudged = release();
  EXPECT_EQ(unjudged.status, 503u) << unjudged.body;
  EXPECT_EQ(unjudged.reason(), "view-behind");
  role.let_the_view_go_on();
  role.settle();
  EXPECT_EQ(release().json()["status"], "good") << "asked again: it was released";
  EXPECT_EQ(role.written_of<events::CertificateReleased>().size(), 1u);

  ASSERT_EQ(act("0a", "hold").status, 200u);
  role.let_the_view_age(Milliseconds(1'000));
  const auto judged = role.judged_late(release);
  EXPECT_EQ(judged.status, 200u) << judged.body;
  EXPECT_EQ(judged.json()["status"], "good");
}

// From before the release is asked for to after it was answered.
TEST_F(Revocation, a_release_stands_exactly_if_it_was_written_before_its_token_was_revoked) {
  constexpr int kRaces = 200, kMoments = 20;
  ASSERT_EQ(act("0a", "hold").status, 200u);
  int released = 0;
  for (int race = 0; race < kRaces; ++race) {
    const std::string author = role.given_token(access::Role::administrator);
    std::uint64_t revoked = 0;
    const auto revoke = [&] { revoked = role.given_unseen(events::TokenRevoked{test::Role::id_of(author)}).offset; };
    const int moment = race % kMoments;
    if (moment == 0) revoke();
    std::thread other([&] {
      std::this_thread::sleep_for(std::chrono::microseconds(moment * 100));
      if (moment > 0 && moment < kMoments - 1) revoke();
    });
    const auto answer = role.post("/v1/certificates/0a/release").as(author).send();
    other.join();
    if (moment == kMoments - 1) revoke();
    role.settle();
    const std::size_t length = role.log_length();
    ASSERT_EQ(act("0a", "hold").status, 200u);  // no event where it is on hold still
    const bool was_released = role.log_length() > length;
    ASSERT_EQ(answer.status == 200, was_released) << answer.body;
    if (was_released) {
      ++released;
      ASSERT_LT(Position::parse(answer.header("Quicklime-Position"))->offset, revoked);
    } else {
      ASSERT_EQ(answer.reason(), "token-revoked") << answer.body;  // 403, or 401 where the view had heard
    }
  }
  EXPECT_GT(released, 0) << "no race was one";
  EXPECT_LT(released, kRaces);
}

TEST_F(Revocation, a_secret_revokes_for_good_and_does_not_hold) {
  const auto answer = revoke("0a", {{"secret", secret_of("0a")}, {"reason", "certificateHold"}});
  EXPECT_EQ(answer.status, 403u);
  EXPECT_EQ(answer.reason(), "hold-by-secret");
  EXPECT_EQ(new_events(), 1u);
  EXPECT_EQ(role.written_of<events::RequestDenied>().at(0).reason, "hold-by-secret");
  EXPECT_EQ(role.written().back().actor, (events::Actor{events::Actor::Kind::revocation_secret, "0a"}));
}

TEST_F(Revocation, many_at_once_in_order) {
  ASSERT_EQ(revoke_as_administrator("0b", {{"reason", "superseded"}}).status, 200u);
  const auto answer = revoke_many({{"serials", {"0C", "0b", "0a", "0c"}}, {"reason", "cessationOfOperation"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  std::vector<std::string> serials, reasons;
  const Json json = answer.json();
  for (const auto& entry : json["revocations"]) {
    serials.push_back(entry["serial"]);
    reasons.push_back(entry["reason"]);
  }
  EXPECT_THAT(serials, ::testing::ElementsAre("0c", "0b", "0a", "0c"));
  EXPECT_THAT(reasons, ::testing::ElementsAre("cessationOfOperation", "superseded", "cessationOfOperation", "cessationOfOperation"));
  EXPECT_EQ(new_events(), 3u);  // 0b before, then 0c and 0a once each
  EXPECT_EQ(answer.json()["position"], answer.header("Quicklime-Position"));
}

TEST_F(Revocation, one_unknown_serial_and_nothing_is_written) {
  const auto answer = revoke_many({{"serials", {"0a", "ff"}}});
  EXPECT_EQ(answer.status, 404u);
  EXPECT_EQ(answer.reason(), "certificate-unknown");
  EXPECT_EQ(new_events(), 0u);
}

TEST_F(Revocation, bodies_that_cannot_be_right) {
  std::vector<std::string> too_many(501, "0a");
  const std::pair<Json, const char*> bodies[] = {
      {{{"serials", Json::array()}}, "serials-count"},
      {{{"serials", too_many}}, "serials-count"},
      {{{"serials", {"0a"}}, {"secret", "x"}}, "revocation-target"},
      {Json::object(), "revocation-target"},
      {{{"serials", "0a"}}, "member-kind"},
      {{{"serials", {"0a"}}, {"comment", "hello"}}, "member-unknown"},
  };
  for (const auto& [body, reason] : bodies) {
    const auto answer = revoke_many(body);
    EXPECT_EQ(answer.status, 400u) << body;
    EXPECT_EQ(answer.reason(), reason) << body;
  }
  EXPECT_EQ(revoke_as_administrator("0a", {{"reason", "because"}}).status, 400u);
  EXPECT_EQ(revoke_as_administrator("xyz", Json::object()).status, 400u);
  const auto form = role.post("/v1/certificates/0a/revoke").as_administrator().body("text/csv", "reason=superseded").send();
  EXPECT_EQ(form.status, 415u);
  EXPECT_EQ(
      role.post("/v1/revocations").as_administrator().body("application/json", R"({"serials":["0a"],"serials":["0b"]})").send().reason(),
      "member-repeated");
  EXPECT_EQ(new_events(), 0u);
}

TEST_F(Revocation, a_stale_view_is_no_ground_for_a_decision) {
  role.let_the_view_age(Seconds(6));
  const auto answer = revoke("0a", {{"secret", secret_of("0a")}});
  EXPECT_EQ(answer.status, 503u);
  EXPECT_EQ(answer.reason(), "view-stale");
  EXPECT_EQ(answer.header("Retry-After"), "1");
  EXPECT_EQ(new_events(), 0u);
}

TEST_F(Revocation, a_certificate_that_the_view_has_not_met_yet_is_waited_for) {
  role.let_the_view_age(Seconds(0));
  auto draft =
      eventlog::Draft{.actor = {events::Actor::Kind::control, "tester"}, .cause = {RequestId("given")}, .data = test::an_issued("0d")};
  ASSERT_TRUE(async::run_to_end(role.writer().append(std::move(draft))));
  std::thread later([this] {
    std::this_thread::sleep_for(Milliseconds(50));
    role.let_the_view_go_on();
  });
  const auto answer = revoke("0d", {{"secret", secret_of("0d")}});
  later.join();
  EXPECT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["status"], "revoked");
}

TEST_F(Revocation, durable_is_answered_though_the_view_lags) {
  role.let_the_view_age(Seconds(0));
  const auto answer = revoke("0a", {{"secret", secret_of("0a")}, {"reason", "superseded"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["status"], "revoked");
  EXPECT_FALSE(answer.json().contains("revoked_at"));  // the log's time is not known here yet
  EXPECT_EQ(new_events(), 1u);
}

TEST_F(Revocation, the_answer_tells_what_the_log_made_of_it_not_what_was_asked) {
  role.let_the_view_age(Seconds(0));
  // Another process was first, and this view does not know it yet.
  auto first = eventlog::Draft{.actor = {events::Actor::Kind::control, "other"},
                               .cause = {RequestId("given")},
                               .data = events::CertificateRevoked{*SerialNumber::from_hex("0a"), AuthorityId("issuing-1"), "superseded",
                                                                  test::an_issued("0a").key_sha256, std::nullopt}};
  ASSERT_TRUE(async::run_to_end(role.writer().append(std::move(first))));
  std::thread later([this] {
    std::this_thread::sleep_for(Milliseconds(50));
    role.let_the_view_go_on();
  });
  const auto answer = role.post("/v1/certificates/0a/revoke")
                          .as_administrator()
                          .header("Prefer", "wait=10")
                          .json({{"reason", "cessationOfOperation"}})
                          .send();
  later.join();
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["reason"], "superseded");
}

TEST_F(Revocation, an_unknown_outcome_is_never_a_failure_of_the_command) {
  role.log().inject(Fault::unknown_persisted);
  EXPECT_EQ(revoke("0a", {{"secret", secret_of("0a")}}).status, 503u);
  role.settle();
  const auto again = revoke("0a", {{"secret", secret_of("0a")}});
  EXPECT_EQ(again.json()["status"], "revoked");
  EXPECT_EQ(new_events(), 1u);
  role.log().inject(Fault::not_persisted);
  EXPECT_EQ(revoke("0b", {{"secret", secret_of("0b")}}).status, 503u);
  EXPECT_EQ(new_events(), 1u);
}

}  // namespace
}  // namespace quicklime::revocation
