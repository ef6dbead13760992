// Whoever asked for a certificate takes it back without its secret, and nobody else's.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "revocation/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::revocation {
namespace {

using test::Answer;
using test::Json;
using test::Role;
using ::testing::ElementsAre;

class OfRequester : public ::testing::Test {
 protected:
  OfRequester() : role(projection()) {
    role.serve([](api::ServiceContext context) { return make_service(context, ca::RevocationKey(Secret(std::string(32, 'k')))); });
    alice = role.given_token(access::Role::requester);
    bob = role.given_token(access::Role::requester);
    given("a1", alice);
    given("a2", alice);
    given("b1", bob);
    before = role.log_length();
  }
  static events::Actor actor(const std::string& token) { return {events::Actor::Kind::token, Role::id_of(token).text()}; }
  void given(const std::string& serial, const std::string& token, const std::string& key_of = "") {
    auto issued = test::an_issued(serial);
    if (!key_of.empty()) issued.key_sha256 = test::an_issued(key_of).key_sha256;
    role.given(std::move(issued), actor(token));
  }
  // By the key of the one before, as renewals are.
  void given_renewed(const std::string& serial, const std::string& from) {
    auto issued = test::an_issued(serial);
    issued.replaces = *SerialNumber::from_hex(from);
    role.given(std::move(issued), {events::Actor::Kind::certificate, from});
  }
  Answer revoke(const std::string& token, const std::string& serial, const Json& body = Json::object()) {
    return role.post("/v1/certificates/" + serial + "/revoke").as(token).json(body).send();
  }
  Answer revoke_many(const std::string& token, const Json& body) { return role.post("/v1/revocations").as(token).json(body).send(); }
  std::size_t revoked() { return role.written_of<events::CertificateRevoked>().size(); }

  Role role;
  std::string alice, bob;
  std::size_t before = 0;
};

TEST_F(OfRequester, who_asked_for_it_takes_it_back_without_the_secret) {
  const auto answer = revoke(alice, "A1", {{"reason", "keyCompromise"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["status"], "revoked");
  EXPECT_EQ(answer.json()["reason"], "keyCompromise");
  EXPECT_EQ(role.written().back().actor, actor(alice));
  EXPECT_EQ(revoke(alice, "a1").status, 200u) << "twice is no error";
  EXPECT_EQ(revoked(), 1u);
}

// Alike for what somebody else asked for, what the CA did and what nobody ever did; and recorded, unlike a question.
TEST_F(OfRequester, what_others_asked_for_is_as_unknown_as_what_nobody_did) {
  role.given(test::an_issued("c1"));
  const auto normal = [](Answer answer, const std::string& serial) {
    std::string body = answer.body;
    for (auto at = body.find(serial); at != std::string::npos; at = body.find(serial)) body.replace(at, serial.size(), "SERIAL");
    return std::to_string(answer.status) + body;
  };
  const auto unknown = revoke(alice, "ff");
  EXPECT_EQ(unknown.status, 403u);
  EXPECT_EQ(unknown.reason(), "not-yours");
  for (const auto* serial : {"b1", "c1"}) EXPECT_EQ(normal(revoke(alice, serial), serial), normal(unknown, "ff")) << serial;
  EXPECT_EQ(revoke_many(alice, {{"serials", {"a1", "b1"}}}).reason(), "not-yours");
  EXPECT_EQ(revoked(), 0u) << "nothing is written unless all of it may be";
  const auto denied = role.written_of<events::RequestDenied>();
  ASSERT_EQ(denied.size(), 4u);
  for (const auto& refusal : denied) EXPECT_EQ(refusal.reason, "not-yours");
  EXPECT_EQ(role.written().back().actor, actor(alice));
}

TEST_F(OfRequester, many_at_once_with_an_answer_for_each) {
  const auto answer = revoke_many(alice, {{"serials", {"a2", "a1"}}, {"reason", "superseded"}});
  ASSERT_EQ(answer.status, 200u) << answer.body;
  ASSERT_EQ(answer.json()["revocations"].size(), 2u);
  EXPECT_EQ(answer.json()["revocations"][0]["serial"], "a2");
  EXPECT_EQ(answer.json()["revocations"][1]["reason"], "superseded");
  EXPECT_EQ(revoked(), 2u);
}

TEST_F(OfRequester, a_line_of_renewals_belongs_to_who_asked_for_its_first) {
  given_renewed("a3", "a1");
  given_renewed("a4", "a3");
  given_renewed("b2", "b1");
  EXPECT_EQ(revoke(alice, "b2").reason(), "not-yours");
  EXPECT_EQ(revoke(bob, "a4").reason(), "not-yours");
  EXPECT_EQ(revoke(alice, "a4").status, 200u);
}

// Also when what it was renewed from has been forgotten since.
TEST_F(OfRequester, a_line_outlives_its_first) {
  auto next = test::an_issued("a3");
  next.replaces = *SerialNumber::from_hex("a1");
  next.not_after = *Instant::parse("2028-01-01T00:00:00Z");
  role.given(std::move(next), {events::Actor::Kind::certificate, "a1"});
  role.given(events::CertificatesExpired{*Instant::parse("2027-06-01T00:00:00Z"), std::nullopt});
  given_renewed("a4", "a3");
  EXPECT_EQ(revoke(alice, "a1").reason(), "not-yours") << "gone";
  EXPECT_EQ(revoke(alice, "a4").status, 200u);
}

// Others may have a certificate for the same key: naming the scope is an administrator's.
TEST_F(OfRequester, twins_of_others_stay) {
  given("b3", bob, "a1");
  const auto scoped = revoke(alice, "a1", {{"reason", "keyCompromise"}, {"same_key", true}});
  EXPECT_EQ(scoped.status, 403u) << scoped.body;
  EXPECT_EQ(scoped.reason(), "revocation-not-covered");
  EXPECT_EQ(revoke_many(alice, {{"serials", {"a1"}}, {"with_successors", true}}).reason(), "revocation-not-covered");
  EXPECT_EQ(revoked(), 0u);
  ASSERT_EQ(revoke(alice, "a1", {{"reason", "keyCompromise"}}).status, 200u);
  EXPECT_EQ(revoke(alice, "b3").reason(), "not-yours");
  EXPECT_EQ(revoked(), 1u);
}

TEST_F(OfRequester, nobody_but_an_administrator_holds) {
  EXPECT_EQ(revoke(alice, "a1", {{"reason", "certificateHold"}}).reason(), "hold-by-secret");
  for (const auto* act : {"hold", "release"}) {
    EXPECT_EQ(role.post(std::string("/v1/certificates/a1/") + act).as(alice).send().reason(), "role-denied") << act;
  }
  EXPECT_EQ(role.written_of<events::CertificateHeld>().size(), 0u);
}

TEST_F(OfRequester, a_dead_token_takes_nothing_back_and_its_certificates_stay_an_administrators_to_revoke) {
  role.given(events::TokenRevoked{Role::id_of(alice)});
  EXPECT_EQ(revoke(alice, "a1").status, 401u);
  const std::string another = role.given_token(access::Role::requester);
  EXPECT_EQ(revoke(another, "a1").reason(), "not-yours") << "of the same name or not: the token is who asks";
  EXPECT_EQ(revoked(), 0u);
  const std::string administrator = role.given_token(access::Role::administrator);
  EXPECT_EQ(revoke_many(administrator, {{"serials", {"a1", "b1"}}}).status, 200u);
}

TEST_F(OfRequester, a_retry_is_answered_as_the_first_request) {
  const auto ask = [&](const std::string& token, const std::string& serial) {
    return role.post("/v1/certificates/" + serial + "/revoke").as(token).header("Idempotency-Key", "once").json(Json::object()).send();
  };
  const auto first = ask(alice, "a1");
  ASSERT_EQ(first.status, 200u) << first.body;
  EXPECT_EQ(ask(alice, "a1").body, first.body);
  EXPECT_EQ(ask(alice, "a2").reason(), "idempotency-conflict");
  EXPECT_EQ(ask(bob, "b1").status, 200u) << "another's key is another";
  EXPECT_EQ(revoked(), 2u);
}

TEST_F(OfRequester, an_agent_takes_back_whose_ever_it_is) {
  const std::string agent = role.given_token(access::Role::agent);
  EXPECT_EQ(revoke_many(agent, {{"serials", {"a1", "b1"}}}).status, 200u);
  EXPECT_EQ(role.post("/v1/certificates/a2/hold").as(agent).send().status, 200u);
  EXPECT_EQ(revoke(agent, "a2", {{"reason", "keyCompromise"}, {"same_key", true}}).status, 200u);
}

TEST_F(OfRequester, auditors_and_daemons_take_nothing_back) {
  for (const auto other : {access::Role::auditor, access::Role::process}) {
    const std::string token = role.given_token(other);
    given(other == access::Role::auditor ? "d1" : "d2", token);
    EXPECT_EQ(revoke(token, other == access::Role::auditor ? "d1" : "d2").status, 403u);
  }
  EXPECT_EQ(revoked(), 0u);
}

}  // namespace
}  // namespace quicklime::revocation
