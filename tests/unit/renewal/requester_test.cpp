// Whoever asked for a certificate renews it without its key, within what he may ask for, and nobody else's.

#include "ca/subject.hpp"
#include "renewal_fixture.hpp"

namespace quicklime::renewal {
namespace {

using namespace test;
using ::testing::ElementsAre;

class OfRequester : public ::testing::Test {
 protected:
  OfRequester() : role(projection()) {
    add_authorities(role);
    alice = role.given_token(access::Role::requester, {"api.internal"});
  }
  static events::Actor actor(const std::string& token) { return {events::Actor::Kind::token, Role::id_of(token).text()}; }
  // What `token` asked for.
  Held held_by(const std::string& token, const std::vector<std::string>& names = {"api.internal"}) {
    return ca.held({.names = names, .requester = actor(token)});
  }
  Answer renew(const std::string& token, const std::string& serial, const pki::Csr& csr, const std::string& lifetime = "") {
    Json body{{"csr", base64_encode(csr.der())}};
    if (!lifetime.empty()) body["lifetime"] = lifetime;
    return ca.ask(serial).as(token).json(body).send();
  }
  Answer renew(const std::string& token, const std::string& serial) { return renew(token, serial, csr_for({}, new_key())); }
  std::size_t issued() { return role.written_of<events::CertificateIssued>().size(); }

  Role role;
  Process ca{role};
  std::string alice;
};

TEST_F(OfRequester, who_asked_for_it_renews_it_without_its_key) {
  const Held old = held_by(alice);
  const auto answer = renew(alice, old.serial());
  ASSERT_EQ(answer.status, 201u) << answer.body;
  EXPECT_EQ(answer.json()["replaces"], old.serial());
  EXPECT_THAT(answer.json()["names"], ElementsAre("DNS:api.internal"));
  EXPECT_EQ(answer.json()["not_after"], old.issued.not_after.rfc3339_seconds());
  const auto event = role.written().back();
  EXPECT_EQ(event.actor, actor(alice));
  EXPECT_THAT(event.once, ElementsAre("replaces:" + old.serial()));
  EXPECT_EQ(std::get<events::CertificateIssued>(event.data).proof, "csr");
  role.settle();
  EXPECT_EQ(renew(alice, old.serial()).reason(), "already-renewed");
  EXPECT_EQ(renew(alice, answer.json()["serial"]).status, 201u);
}

TEST_F(OfRequester, a_line_that_its_key_has_renewed_is_still_his) {
  const Held old = held_by(alice);
  const auto next = ca.renew(old);
  ASSERT_EQ(next.status, 201u) << next.body;
  role.settle();
  const std::string serial = next.json()["serial"];
  EXPECT_EQ(ca.record(serial_of(next)).requester, ca::requester_text(actor(alice)));
  EXPECT_EQ(renew(alice, serial).status, 201u);
}

TEST_F(OfRequester, nobody_else_does) {
  const Held old = held_by(alice), of_the_ca = ca.held();
  const std::string bob = role.given_token(access::Role::requester), administrator = role.given_token(access::Role::administrator);
  const std::size_t before = issued();
  const auto answer = renew(bob, old.serial());
  EXPECT_EQ(answer.status, 403u) << answer.body;
  EXPECT_EQ(answer.reason(), "not-yours");
  EXPECT_EQ(renew(administrator, old.serial()).reason(), "renewal-proof-missing");
  EXPECT_EQ(renew(alice, of_the_ca.serial()).reason(), "not-yours");
  EXPECT_EQ(role.written_of<events::RequestDenied>().size(), 2u);
  EXPECT_EQ(renew(role.given_token(access::Role::auditor), old.serial()).reason(), "renewal-proof-missing");
  EXPECT_EQ(renew("qlt_0000_rubbish", old.serial()).status, 401u);
  EXPECT_EQ(ca.ask(old.serial()).json({{"csr", base64_encode(csr_for({}, new_key()).der())}}).send().reason(), "renewal-proof-missing");
  EXPECT_EQ(issued(), before);
}

// What a holder of the key has for ever, somebody who asks has as long as he may ask for it.
TEST_F(OfRequester, within_what_he_may_ask_for_now) {
  const Held beyond = held_by(alice, {"other.internal"}), longer = held_by(alice);
  EXPECT_EQ(renew(alice, beyond.serial()).status, 403u);
  EXPECT_EQ(renew(alice, longer.serial(), csr_for({}, new_key()), "397d").reason(), "renewal-lifetime");
  const Held client = ca.held({.profile = "tls-client", .requester = actor(alice)});
  EXPECT_EQ(renew(alice, client.serial()).reason(), "profile-not-granted");
  EXPECT_EQ(renew(alice, longer.serial(), csr_for({}, longer.key)).reason(), "key-reused");
  EXPECT_EQ(renew(alice, longer.serial(), csr_for({"other.internal"}, new_key())).reason(), "renewal-names");
  EXPECT_EQ(renew(alice, longer.serial(), csr_for({}, new_key()), "1h").status, 201u);
}

TEST_F(OfRequester, a_dead_token_renews_nothing_also_when_it_died_meanwhile) {
  const Held old = held_by(alice);
  const auto ask = [&] { return renew(alice, old.serial()); };
  role.let_the_view_age(Milliseconds(1'000));
  role.given_unseen(events::TokenRevoked{Role::id_of(alice)});
  const auto late = role.judged_late(ask);
  EXPECT_EQ(late.status, 403u) << late.body;
  EXPECT_EQ(late.reason(), "token-revoked");
  role.settle();
  EXPECT_EQ(ask().status, 401u);
  EXPECT_EQ(role.written().back().actor, actor(alice)) << "the refusal of somebody known is written down";
  EXPECT_EQ(ca.renew(old).status, 201u) << "the key still does";
}

TEST_F(OfRequester, a_revoked_one_and_one_whose_key_was_compromised_are_renewed_by_nobody) {
  const auto key = new_key();
  const Held revoked = held_by(alice), twin = ca.held({.requester = actor(alice), .key = key}),
             other_twin = ca.held({.requester = actor(alice), .key = key});
  ca.revoke(revoked.issued.serial);
  ca.revoke(other_twin.issued.serial, key_sha256(key), "keyCompromise");
  EXPECT_EQ(renew(alice, revoked.serial()).reason(), "predecessor-revoked");
  EXPECT_EQ(renew(alice, twin.serial()).reason(), "predecessor-key-blocked");
}

// A client that shows a certificate to everybody is asked by its token.
TEST_F(OfRequester, a_client_certificate_for_other_purposes_is_no_obstacle) {
  const Held old = held_by(alice), another = ca.held();
  const Json body{{"csr", base64_encode(csr_for({}, new_key()).der())}};
  EXPECT_EQ(ca.ask(old.serial()).presenting(another.issued.certificate).json(body).send().reason(), "renewal-proof-wrong");
  EXPECT_EQ(ca.ask(old.serial()).presenting(another.issued.certificate).as(alice).json(body).send().status, 201u);
}

}  // namespace
}  // namespace quicklime::renewal
