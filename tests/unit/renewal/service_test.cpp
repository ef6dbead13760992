// GET and POST /v1/certificates/{serial}/renew: what is answered, what is refused, and what is written.

#include "base/work.hpp"
#include "renewal/settings.hpp"
#include "renewal_fixture.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::renewal {
namespace {

using namespace test;
using ::testing::ElementsAre;

class Renewal : public ::testing::Test {
 protected:
  Renewal() : role(projection()) { add_authorities(role); }
  std::vector<events::CertificateIssued> issued() { return role.written_of<events::CertificateIssued>(); }

  Role role;
  Process ca{role};
};

TEST_F(Renewal, the_challenge_of_a_certificate_is_told_to_anybody) {
  const Held old = ca.held();
  const auto answer = role.get("/v1/certificates/" + old.serial() + "/renew").send();
  ASSERT_EQ(answer.status, 200u) << answer.body;
  EXPECT_EQ(answer.json()["serial"], old.serial());
  EXPECT_EQ(answer.json()["renewal_challenge"], old.issued.renewal_challenge);
  EXPECT_EQ(answer.json()["position"], answer.header("Quicklime-Position"));
  EXPECT_EQ(role.get("/v1/certificates/0a0b/renew").send().reason(), "certificate-unknown");
  EXPECT_EQ(role.get("/v1/certificates/xyz/renew").send().status, 400u);
  EXPECT_EQ(role.get("/v1/certificates/" + old.serial() + "/renew?x=1").send().reason(), "parameter-unknown");
}

TEST_F(Renewal, by_a_revoked_authority_nothing_is_issued_any_more) {
  const Held old = ca.held(), peer = ca.held({.names = {"quicklime:role/ocsp"}, .profile = "role-peer"});
  const auto csr = csr_for({}, new_key());
  const auto keyed = [&](const Held& what) {
    return ca.ask(what.serial()).header("Idempotency-Key", "once").json(Process::signed_body(what, csr)).send();
  };
  const auto first = keyed(old);
  ASSERT_EQ(first.status, 201u) << first.body;
  const Held another = ca.held();
  revoke_authority(role);
  const auto before = issued().size();
  for (const auto& refused : {ca.renew(another), keyed(another), ca.renew(peer)}) {
    EXPECT_EQ(refused.status, 409u) << refused.body;
    EXPECT_EQ(refused.reason(), "authority-revoked") << refused.body;
    EXPECT_NE(refused.body.find("issuing-1"), std::string::npos);
  }
  try {
    ca.held();
    ADD_FAILURE() << "issued by a revoked authority";
  } catch (const std::runtime_error& error) {
    EXPECT_NE(std::string(error.what()).find("issuing-1 is revoked"), std::string::npos) << error.what();
  }
  EXPECT_EQ(issued().size(), before);
  const auto again = keyed(old);
  EXPECT_EQ(again.status, 201u) << "what was answered before is answered again";
  EXPECT_EQ(again.json()["serial"], first.json()["serial"]);
  // Its own processes go on, so that clients can ask; and so does another authority.
  ca.held({.names = {"quicklime:role/ocsp"}, .profile = "role-peer"});
  ca.held({.by_another_authority = true});
}

TEST_F(Renewal, by_the_old_key_with_a_new_one) {
  const Held old = ca.held({.names = {"api.internal", "10.0.0.7"}, .lifetime = std::chrono::hours(24 * 30)});
  const auto key = new_key();
  const auto answer = ca.renew(old, csr_for({}, key));
  ASSERT_EQ(answer.status, 201u) << answer.body;
  const Json json = answer.json();
  EXPECT_THAT(json["names"], ElementsAre("DNS:api.internal", "IP:10.0.0.7"));
  EXPECT_EQ(json["profile"], "tls-server");
  EXPECT_EQ(json["replaces"], old.serial());
  EXPECT_NE(json["renewal_challenge"], old.issued.renewal_challenge);
  EXPECT_EQ(json["not_after"], old.issued.not_after.rfc3339_seconds()) << "at the same moment, as long as the old one was to live";
  EXPECT_TRUE(json["revocation_secret"].get<std::string>().starts_with("qlr_" + json["serial"].get<std::string>() + "_"));
  EXPECT_EQ(json["position"], answer.header("Quicklime-Position"));
  EXPECT_EQ(answer.header("Location"), "/v1/certificates/" + json["serial"].get<std::string>());

  const auto leaf = certificate_of(answer);
  const auto before = *pki::Certificate::parse(old.issued.certificate);
  EXPECT_EQ(leaf.spki(), key.public_key().spki());
  EXPECT_EQ(leaf.subject(), before.subject());
  EXPECT_EQ(leaf.alternative_names(), before.alternative_names());
  EXPECT_EQ(leaf.extended_key_usages(), before.extended_key_usages());

  const auto event = role.written().back();
  EXPECT_EQ(event.actor, (events::Actor{events::Actor::Kind::certificate, old.serial()}));
  EXPECT_THAT(event.once, ElementsAre("replaces:" + old.serial()));
  EXPECT_EQ(issued().back().replaces, old.issued.serial);
  EXPECT_EQ(issued().back().service, "shop");
  EXPECT_EQ(issued().back().node, "n1");
  EXPECT_EQ(ca.record(old.issued.serial).replaced_by, json["serial"].get<std::string>());
  EXPECT_EQ(ca.record(old.issued.serial).status, ca::Status{}) << "the old one stays good";
}

TEST_F(Renewal, a_chain_of_renewals_keeps_its_length_of_life) {
  Held held = ca.held({.lifetime = std::chrono::hours(1)});
  for (int i = 0; i < 5; ++i) {
    role.advance(std::chrono::minutes(40));
    auto key = new_key();
    const auto answer = ca.renew(held, csr_for({"api.internal"}, key));
    ASSERT_EQ(answer.status, 201u) << answer.body;
    EXPECT_EQ(*Instant::parse(answer.json()["not_after"].get<std::string>()), role.clock().now() + std::chrono::hours(1));
    held.issued.serial = serial_of(answer);
    held.issued.renewal_challenge = answer.json()["renewal_challenge"];
    held.key = std::move(key);
    role.settle();
  }
  EXPECT_EQ(issued().size(), 6u);
}

// One hour became 397 days, without a token.
TEST_F(Renewal, lives_no_longer_than_its_predecessor_unless_an_administrator_asks) {
  using std::chrono::hours;
  const auto ask = [&](const Held& old, const char* lifetime, std::optional<Milliseconds> covered, const std::string& token = "") {
    Json body = Process::signed_body(old, csr_for({}, new_key()), covered);
    body["lifetime"] = lifetime;
    auto asked = ca.ask(old.serial());
    if (!token.empty()) asked.as(token);
    return asked.json(body).send();
  };
  const auto duration = [](const Answer& answer) {
    const auto certificate = certificate_of(answer);
    return certificate.not_after() - certificate.not_before();
  };
  const auto brief = [&] { return ca.held({.lifetime = hours(1)}); };
  const std::string administrator = role.given_token(access::Role::administrator), requester = role.given_token(access::Role::requester);
  const Held old = brief();
  const std::size_t before = issued().size();

  EXPECT_EQ(ask(old, "397d", {}).reason(), "renewal-proof-wrong") << "v1 does not cover the lifetime";
  EXPECT_EQ(ask(old, "397d", hours(1)).reason(), "renewal-proof-wrong") << "another lifetime than what was signed";
  const auto refused = ask(old, "397d", hours(24 * 397));
  EXPECT_EQ(refused.status, 403u);
  EXPECT_EQ(refused.reason(), "renewal-lifetime");
  EXPECT_NE(refused.body.find("1h"), std::string::npos) << refused.body;
  EXPECT_EQ(ask(old, "61m", Milliseconds(std::chrono::minutes(61))).reason(), "renewal-lifetime");
  EXPECT_EQ(ask(old, "397d", hours(24 * 397), requester).reason(), "renewal-lifetime");
  EXPECT_EQ(ask(old, "397d", {}, administrator).reason(), "renewal-proof-wrong") << "a token is no proof";
  const auto by_certificate = ca.ask(old.serial(), "?lifetime=397d")
                                  .presenting(old.issued.certificate)
                                  .body("application/pkcs10", csr_for({}, new_key()).der())
                                  .send();
  EXPECT_EQ(by_certificate.reason(), "renewal-lifetime");
  EXPECT_EQ(issued().size(), before);

  const auto original = *pki::Certificate::parse(old.issued.certificate);
  const auto equal = ask(old, "1h", {});
  ASSERT_EQ(equal.status, 201u) << equal.body;
  EXPECT_EQ(duration(equal), original.not_after() - original.not_before());
  EXPECT_EQ(ask(brief(), "1h", hours(1)).status, 201u) << "v2 for equal";
  EXPECT_EQ(ask(brief(), "30m", {}).status, 201u) << "v1 for shorter";
  const auto longer = ask(brief(), "397d", hours(24 * 397), administrator);
  ASSERT_EQ(longer.status, 201u) << longer.body;
  EXPECT_EQ(duration(longer), hours(24 * 397) + std::chrono::minutes(1));
}

// The race of a revoked administrator: this view rests, and did not hear that the token is nobody's any more.
TEST_F(Renewal, for_longer_by_a_token_that_was_revoked_meanwhile_does_not_stand) {
  using std::chrono::hours;
  const std::string administrator = role.given_token(access::Role::administrator);
  const Held old = ca.held({.lifetime = hours(1)});
  const auto ask = [&](const char* lifetime, Milliseconds covered, const std::string& token) {
    Json body = Process::signed_body(old, csr_for({}, new_key()), covered);
    body["lifetime"] = lifetime;
    auto asked = ca.ask(old.serial());
    if (!token.empty()) asked.as(token);
    return asked.json(body).send();
  };
  role.let_the_view_age(Milliseconds(1'000));
  role.given_unseen(events::TokenRevoked{Role::id_of(administrator)});
  const auto late = role.judged_late([&] { return ask("397d", hours(24 * 397), administrator); });
  EXPECT_EQ(late.status, 403u) << late.body;
  EXPECT_EQ(late.reason(), "token-revoked");
  const auto written = issued().back();
  EXPECT_EQ(written.allowed_by, Role::id_of(administrator)) << "it is in the log, and was never answered";
  EXPECT_EQ(ca.record(written.serial).standing, "token-revoked");
  role.advance(Milliseconds(0));
  EXPECT_EQ(*async::run_to_end(ca.renewer->sweep()), 1u);
  EXPECT_EQ(role.written_of<events::CertificateRevoked>().back().reason, "privilegeWithdrawn");
  role.settle();

  const auto no_longer = ask("1h", hours(1), administrator);
  ASSERT_EQ(no_longer.status, 201u) << no_longer.body << " (its holder needs nobody, and its place is free)";
  EXPECT_EQ(issued().back().allowed_by, std::nullopt);
}

TEST_F(Renewal, for_longer_says_which_token_allowed_it) {
  using std::chrono::hours;
  const std::string administrator = role.given_token(access::Role::administrator);
  const auto ask = [&](const std::function<void(Role::Ask&)>& as) {
    const Held old = ca.held({.lifetime = hours(1)});
    Json body = Process::signed_body(old, csr_for({}, new_key()), hours(2));
    body["lifetime"] = "2h";
    auto asked = ca.ask(old.serial());
    as(asked);
    return asked.json(body).send();
  };
  ASSERT_EQ(ask([&](Role::Ask& asked) { asked.as(administrator); }).status, 201u);
  EXPECT_EQ(issued().back().allowed_by, Role::id_of(administrator));
  ASSERT_EQ(ask([](Role::Ask& asked) { asked.as_administrator(); }).status, 201u);
  EXPECT_EQ(issued().back().allowed_by, std::nullopt) << "whom no log can take back";
}

TEST_F(Renewal, an_rsa_key_signs_its_proof_too_and_every_form_of_the_request_is_taken) {
  const Held old = ca.held({.kind = crypto::KeyKind::rsa2048});
  const auto csr = csr_for({}, new_key());
  const Json body = Process::signed_body(old, csr);
  const auto bare = ca.ask(old.serial(), "?signature=" + http::percent_encode(body["signature"].get<std::string>()) + "&lifetime=2d")
                        .body("application/pkcs10", csr.der())
                        .send();
  ASSERT_EQ(bare.status, 201u) << bare.body;
  EXPECT_EQ(bare.json()["not_after"], "2026-11-23T12:00:00Z");
  Json again = body;
  again["lifetime"] = "48h";
  again["csr"] = pki::pem_encode("CERTIFICATE REQUEST", csr.der());
  EXPECT_EQ(ca.ask(old.serial()).json(again).send().json()["serial"], bare.json()["serial"]) << "said otherwise, the same request";
  const auto pem = ca.ask(old.serial()).header("Accept", "application/pem-certificate-chain").json(again).send();
  EXPECT_EQ(pki::pem_decode(pem.body)->size(), 2u);
}

TEST_F(Renewal, by_the_old_certificate_as_tls_client_certificate) {
  const Held old = ca.held();
  const auto answer =
      ca.ask(old.serial()).presenting(old.issued.certificate).body("application/pkcs10", csr_for({}, new_key()).der()).send();
  ASSERT_EQ(answer.status, 201u) << answer.body;
  EXPECT_EQ(answer.json()["replaces"], old.serial());
}

TEST_F(Renewal, how_late_is_policy_and_never_longer_than_it_lived) {
  const auto by_tls = [&](const Held& old) {
    return ca.ask(old.serial()).presenting(old.issued.certificate).body("application/pkcs10", csr_for({}, new_key()).der()).send();
  };
  const Held within = ca.held({.lifetime = std::chrono::hours(24 * 30)}), brief = ca.held({.lifetime = std::chrono::hours(1)});
  const Held lost = ca.held({.lifetime = std::chrono::hours(24 * 30)});
  role.advance(std::chrono::hours(3));
  EXPECT_EQ(by_tls(brief).reason(), "predecessor-expired") << "an hour is what it lived";
  role.advance(std::chrono::hours(24 * 36));
  EXPECT_EQ(by_tls(within).status, 201u) << "six days late";
  role.advance(std::chrono::hours(24));
  const auto late = ca.renew(lost);
  EXPECT_EQ(late.status, 409u);
  EXPECT_EQ(late.reason(), "predecessor-expired");
  role.configuration().of<runtime::SharedSettings>().renewal_after_expiry = std::chrono::hours(24 * 8);
  EXPECT_EQ(ca.renew(lost).status, 201u);
}

// ---- refusals
TEST_F(Renewal, without_the_proof_nothing_is_said_and_nothing_written) {
  const Held old = ca.held(), another = ca.held();
  ca.revoke(another.issued.serial);
  const std::size_t before = role.log_length();
  const auto csr = csr_for({}, new_key());
  const auto refused = [&](const Held& whose, Json body) {
    const auto answer = ca.ask(whose.serial()).json(body).send();
    EXPECT_EQ(answer.status, 401u) << answer.body;
    return answer.reason();
  };
  const auto with_signature = [&](const crypto::PrivateKey& key, const std::string& text) {
    return Json{{"csr", base64_encode(csr.der())}, {"signature", base64_encode(*key.sign(text))}};
  };
  const auto text = [&](const Held& of, const pki::Csr& request) {
    return ca::renewal_proof_text(of.issued.serial, of.issued.renewal_challenge, request.der());
  };
  EXPECT_EQ(refused(old, {{"csr", base64_encode(csr.der())}}), "renewal-proof-missing");
  EXPECT_EQ(refused(another, {{"csr", base64_encode(csr.der())}}), "renewal-proof-missing") << "that it is revoked is not told before";
  EXPECT_EQ(refused(old, with_signature(new_key(), text(old, csr))), "renewal-proof-wrong") << "another key";
  EXPECT_EQ(refused(old, with_signature(old.key, text(old, csr_for({}, new_key())))), "renewal-proof-wrong") << "another CSR";
  EXPECT_EQ(refused(old, with_signature(old.key, text(another, csr))), "renewal-proof-wrong") << "another certificate";
  EXPECT_EQ(refused(old, with_signature(old.key, ca::renewal_proof_text(old.issued.serial, "challenge", csr.der()))),
            "renewal-proof-wrong");
  EXPECT_EQ(refused(old, with_signature(old.key, "quicklime-renew-v1\n")), "renewal-proof-wrong");
  EXPECT_EQ(ca.ask(old.serial()).json({{"csr", base64_encode(csr.der())}, {"signature", "%%%"}}).send().reason(), "signature-malformed");
  EXPECT_EQ(ca.ask(old.serial()).json({{"csr", base64_encode(csr.der())}, {"signature", ""}}).send().reason(), "signature-malformed");
  EXPECT_EQ(ca.ask(old.serial()).json({{"signature", "AAAA"}}).send().reason(), "csr-missing");
  EXPECT_EQ(ca.ask(old.serial()).json({{"csr", "AAAA"}}).send().reason(), "renewal-proof-missing");
  EXPECT_EQ(ca.ask(old.serial()).json({{"csr", base64_encode(csr.der())}, {"lifetme", "1d"}}).send().reason(), "member-unknown");
  EXPECT_EQ(ca.ask("0a0b").json(with_signature(old.key, text(old, csr))).send().status, 404u);
  EXPECT_EQ(ca.ask(old.serial()).as_administrator().json({{"csr", base64_encode(csr.der())}}).send().status, 401u)
      << "nobody renews for others";
  EXPECT_EQ(role.log_length(), before);
}

// What was sent is parsed once somebody has proved to hold the key: counted.
TEST_F(Renewal, what_a_stranger_sends_is_not_parsed) {
  const Held old = ca.held();
  const auto csr = base64_encode(csr_for({}, new_key()).der());
  struct Cost {
    std::uint64_t csrs, certificates, checked;
  };
  const auto cost_of = [&](test::Role::Ask ask) {
    const auto now = [] {
      return Cost{work::counted(work::Kind::csr), work::counted(work::Kind::certificate), work::counted(work::Kind::signature_checked)};
    };
    const Cost before = now();
    EXPECT_EQ(ask.send().status, 401u);
    const Cost after = now();
    return Cost{after.csrs - before.csrs, after.certificates - before.certificates, after.checked - before.checked};
  };
  // Nothing shown: nothing done.
  const auto nothing = cost_of(ca.ask(old.serial()).json({{"csr", csr}}));
  EXPECT_EQ(nothing.csrs + nothing.certificates + nothing.checked, 0u);
  // A certificate of 53 KB: the predecessor is read back from the log, what was shown is compared.
  const auto shown = cost_of(ca.ask(old.serial()).json({{"csr", csr}}).presenting("\x30\x82\xcf\x08" + std::string(53'000, 'c')));
  EXPECT_EQ(shown.csrs, 0u);
  EXPECT_LE(shown.certificates, 1u);
  EXPECT_EQ(shown.checked, 0u);
  // A wrong signature: one look at it.
  const auto signature = base64_encode(*new_key().sign("rubbish"));
  const auto wrong = cost_of(ca.ask(old.serial()).json({{"csr", csr}, {"signature", signature}}));
  EXPECT_EQ(wrong.csrs, 0u);
  EXPECT_LE(wrong.certificates, 1u);
  EXPECT_EQ(wrong.checked, 1u);
}

TEST_F(Renewal, and_what_somebody_proved_sends_is) {
  const Held old = ca.held();
  const auto body = [&](const std::string& der) {
    const auto signature = old.key.sign(ca::renewal_proof_text(old.issued.serial, old.issued.renewal_challenge, der));
    return Json{{"csr", base64_encode(der)}, {"signature", base64_encode(*signature)}};
  };
  EXPECT_EQ(ca.ask(old.serial()).json(body("rubbish")).send().reason(), "csr-malformed");
}

TEST_F(Renewal, a_foreign_certificate_with_the_same_serial_and_subject_is_no_proof) {
  const Held old = ca.held();
  const auto before = *pki::Certificate::parse(old.issued.certificate);
  const auto key = new_key();
  const crypto::KeySigner self(key);
  const pki::CertificateTemplate forger({.issuer = before.issuer(),
                                         .authority_key_identifier = before.authority_key_identifier(),
                                         .key_usages = {pki::KeyUsage::digital_signature},
                                         .extended_key_usages = {std::string(pki::oid::server_auth)},
                                         .is_ca = false,
                                         .path_length = std::nullopt,
                                         .ocsp_urls = {},
                                         .ca_issuer_urls = {},
                                         .crl_urls = {},
                                         .signature_algorithm = self.algorithm()});
  const std::string forged = *forger.sign({.serial = before.serial(),
                                           .subject = before.subject(),
                                           .names = before.alternative_names(),
                                           .spki = key.public_key().spki(),
                                           .not_before = before.not_before(),
                                           .not_after = before.not_after()},
                                          self);
  ASSERT_EQ(pki::Certificate::parse(forged)->serial(), before.serial());
  const std::size_t length = role.log_length();
  const auto answer = ca.ask(old.serial()).presenting(forged).body("application/pkcs10", csr_for({}, new_key()).der()).send();
  EXPECT_EQ(answer.status, 401u);
  EXPECT_EQ(answer.reason(), "renewal-proof-wrong");
  Held with_forged_key = old;
  with_forged_key.key = key;
  EXPECT_EQ(ca.renew(with_forged_key).reason(), "renewal-proof-wrong");
  EXPECT_EQ(role.log_length(), length);
}

TEST_F(Renewal, what_is_revoked_held_or_of_another_authority_is_not_renewed) {
  const Held revoked = ca.held(), on_hold = ca.held(), elsewhere = ca.held({.by_another_authority = true});
  ca.revoke(revoked.issued.serial);
  role.given(events::CertificateHeld{on_hold.issued.serial, AuthorityId("issuing-1")});
  const std::size_t before = role.changes();
  const auto refused = [&](const Held& old) {
    const auto by_key = ca.renew(old);
    const auto by_tls =
        ca.ask(old.serial()).presenting(old.issued.certificate).body("application/pkcs10", csr_for({}, new_key()).der()).send();
    EXPECT_EQ(by_key.status, 409u) << by_key.body;
    EXPECT_EQ(by_key.reason(), by_tls.reason());
    return by_key.reason();
  };
  EXPECT_EQ(refused(revoked), "predecessor-revoked");
  EXPECT_EQ(refused(on_hold), "predecessor-revoked");
  EXPECT_EQ(refused(elsewhere), "predecessor-of-another-authority");
  EXPECT_EQ(role.changes(), before);
  role.given(events::CertificateReleased{on_hold.issued.serial, AuthorityId("issuing-1")});
  EXPECT_EQ(ca.renew(on_hold).status, 201u);
}

TEST_F(Renewal, a_request_for_more_or_less_is_refused_whole_naming_the_field) {
  const Held old = ca.held({.names = {"api.internal", "web.internal"}});
  const std::size_t before = role.changes();
  const auto refused = [&](const pki::Csr& csr, const char* field) {
    const auto answer = ca.renew(old, csr);
    EXPECT_EQ(answer.status, 400u) << answer.body;
    EXPECT_EQ(answer.json()["errors"][0]["pointer"], field);
    return answer.reason();
  };
  const auto key = new_key();
  EXPECT_EQ(refused(csr_for({"api.internal", "web.internal", "db.internal"}, key), "csr.subjectAltName"), "renewal-names");
  EXPECT_EQ(refused(csr_for({"api.internal"}, key), "csr.subjectAltName"), "renewal-names");
  EXPECT_EQ(refused(csr_for({}, key, "db.internal"), "csr.subject"), "renewal-names");
  EXPECT_EQ(refused(csr_for({}, old.key), "csr.subjectPublicKeyInfo"), "key-reused");
  Json body = Process::signed_body(old, csr_for({}, key), std::chrono::hours(24 * 1000));
  body["lifetime"] = "1000d";
  EXPECT_EQ(ca.ask(old.serial()).as_administrator().json(body).send().reason(), "lifetime-too-long");
  body["lifetime"] = "soon";
  EXPECT_EQ(ca.ask(old.serial()).json(body).send().json()["errors"][0]["pointer"], "/lifetime");
  EXPECT_EQ(role.changes(), before);
  const auto answer = ca.renew(old, csr_for({"web.internal", "api.internal"}, key, "web.internal"));
  ASSERT_EQ(answer.status, 201u) << answer.body;
  EXPECT_EQ(certificate_of(answer).subject().common_name(), "api.internal") << "as it was, whatever the CSR's order";
}

TEST_F(Renewal, the_same_key_again_only_where_the_policy_says_so) {
  const Held old = ca.held();
  role.configuration().of<Settings>().allow_same_key = true;
  EXPECT_EQ(ca.renew(old, csr_for({}, old.key)).status, 201u);
}

TEST_F(Renewal, a_denial_of_somebody_proved_is_an_event) {
  const Held old = ca.held();
  const auto key = new_key();
  role.given(events::KeyBlocked{key_sha256(key)});
  EXPECT_EQ(ca.renew(old, csr_for({}, key)).reason(), "key-blocked");
  const auto denied = role.written_of<events::RequestDenied>();
  ASSERT_EQ(denied.size(), 1u);
  EXPECT_EQ(denied[0].reason, "key-blocked");
  EXPECT_EQ(role.written().back().actor, (events::Actor{events::Actor::Kind::certificate, old.serial()}));
}

TEST_F(Renewal, a_compromised_key_proves_nothing_for_any_of_its_certificates) {
  const auto key = new_key();
  const Held one = ca.held({.key = key}), twin = ca.held({.key = key}), blocked = ca.held(), other = ca.held();
  const auto csr = csr_for({}, new_key());
  const auto renewed_before = ca.renew(twin, csr);
  ASSERT_EQ(renewed_before.status, 201u) << renewed_before.body;
  ca.revoke(one.issued.serial, key_sha256(key), "keyCompromise");
  role.given(events::KeyBlocked{key_sha256(blocked.key)});
  const std::size_t before = role.log_length();
  for (const Held* old : {&one, &twin, &blocked}) {
    const auto by_key = ca.renew(*old);
    EXPECT_EQ(by_key.status, 403u) << by_key.body;
    EXPECT_EQ(by_key.reason(), "predecessor-key-blocked");
    const auto by_tls =
        ca.ask(old->serial()).presenting(old->issued.certificate).body("application/pkcs10", csr_for({}, new_key()).der()).send();
    EXPECT_EQ(by_tls.status, 403u) << by_tls.body;
    EXPECT_EQ(by_tls.reason(), "predecessor-key-blocked");
  }
  EXPECT_EQ(ca.renew(twin, csr).reason(), "predecessor-key-blocked") << "nor is a first answer given again to a thief";
  EXPECT_EQ(ca.ask(twin.serial()).json({{"csr", base64_encode(csr.der())}}).send().reason(), "renewal-proof-missing")
      << "who proves nothing learns nothing";
  EXPECT_EQ(role.log_length(), before) << "a thief cannot make the log grow";
  EXPECT_EQ(ca.renew(other).status, 201u);
}

// ---- once
TEST_F(Renewal, the_same_request_again_gets_the_same_certificate_another_is_a_conflict) {
  const Held old = ca.held();
  const auto key = new_key();
  const auto csr = csr_for({"api.internal"}, key);
  const auto first = ca.renew(old, csr);
  ASSERT_EQ(first.status, 201u) << first.body;
  role.settle();
  const Json body = Process::signed_body(old, csr);
  EXPECT_EQ(ca.ask(old.serial()).json(body).send().json(), first.json());
  EXPECT_EQ(ca.renew(old, csr).json(), first.json()) << "with another signature";
  EXPECT_EQ(ca.renew(old, csr_for({"api.internal"}, key)).json(), first.json()) << "with the CSR made anew";
  EXPECT_EQ(ca.ask(old.serial()).header("Idempotency-Key", "k").json(body).send().json(), first.json());
  EXPECT_EQ(ca.ask(old.serial()).presenting(old.issued.certificate).body("application/pkcs10", csr.der()).send().json(), first.json());
  ca.revoke(old.issued.serial);
  EXPECT_EQ(ca.renew(old, csr).json(), first.json()) << "an answer that was given is given again, whatever changed since";

  const auto other = ca.renew(old);
  EXPECT_EQ(other.status, 409u);
  EXPECT_EQ(other.reason(), "already-renewed");
  Json longer = body;
  longer["lifetime"] = "2d";
  EXPECT_EQ(ca.ask(old.serial()).json(longer).send().reason(), "already-renewed");
  EXPECT_EQ(issued().size(), 2u);
}

TEST_F(Renewal, an_idempotency_key_is_the_certificates_own) {
  const Held old = ca.held(), another = ca.held();
  const auto ask = [&](const Held& whose, const pki::Csr& csr) {
    return ca.ask(whose.serial()).header("Idempotency-Key", "k").json(Process::signed_body(whose, csr)).send();
  };
  const auto csr = csr_for({}, new_key());
  const auto first = ask(old, csr);
  ASSERT_EQ(first.status, 201u) << first.body;
  EXPECT_EQ(ask(old, csr).json(), first.json());
  EXPECT_EQ(ask(old, csr_for({}, new_key())).reason(), "idempotency-conflict");
  EXPECT_EQ(ask(another, csr_for({}, new_key())).status, 201u);
}

TEST_F(Renewal, a_successor_that_is_revoked_frees_its_predecessor) {
  const Held old = ca.held();
  const auto lost = ca.renew(old);
  ASSERT_EQ(lost.status, 201u);
  role.settle();
  EXPECT_EQ(ca.renew(old).reason(), "already-renewed");
  ca.revoke(serial_of(lost));
  EXPECT_FALSE(ca.record(old.issued.serial).replaced_by);
  const auto next = ca.renew(old);
  ASSERT_EQ(next.status, 201u) << next.body;
  EXPECT_EQ(ca.record(old.issued.serial).replaced_by, next.json()["serial"].get<std::string>());
  EXPECT_EQ(ca.renew(old).reason(), "already-renewed");
}

TEST_F(Renewal, a_successor_that_has_expired_still_bars_a_second) {
  const Held old = ca.held();
  Json brief = Process::signed_body(old, csr_for({}, new_key()));
  brief["lifetime"] = "1h";
  ASSERT_EQ(ca.ask(old.serial()).json(brief).send().status, 201u);
  role.advance(std::chrono::hours(48));
  EXPECT_EQ(ca.renew(old).reason(), "already-renewed");
}

TEST_F(Renewal, the_sweep_takes_renewals_that_lost_and_nothing_else) {
  const Held old = ca.held();
  const auto winner = ca.renew(old);
  ASSERT_EQ(winner.status, 201u);
  auto draft = [&](const std::string& serial, std::vector<std::string> once, std::optional<SerialNumber> replaces) {
    auto data = quicklime::test::an_issued(serial);
    data.replaces = replaces;
    return eventlog::Draft{.actor = {events::Actor::Kind::certificate, old.serial()},
                           .cause = {RequestId("given")},
                           .once = std::move(once),
                           .body = std::string(64, 'b'),
                           .subject = serial,
                           .data = std::move(data)};
  };
  const std::string command = "command:" + std::string(64, 'c');
  ASSERT_TRUE(async::run_to_end(role.writer().append(draft("0a", {"replaces:" + old.serial()}, old.issued.serial))));
  ASSERT_TRUE(async::run_to_end(role.writer().append(draft("0b", {command}, std::nullopt))));
  ASSERT_TRUE(async::run_to_end(role.writer().append(draft("0c", {command}, std::nullopt))));
  role.settle();
  async::LoopThread background("background");
  background.loop().spawn(role.service().background.at(0)());
  for (int i = 0; i < 6'000 && role.written_of<events::CertificateRevoked>().empty(); ++i) std::this_thread::sleep_for(Milliseconds(10));
  role.settle();
  EXPECT_EQ(*async::run_to_end(ca.renewer->sweep()), 0u);
  const auto revoked = role.written_of<events::CertificateRevoked>();
  ASSERT_EQ(revoked.size(), 1u) << "0c is for the issuing role";
  EXPECT_EQ(revoked[0].serial.hex(), "0a");
  EXPECT_EQ(revoked[0].reason, "superseded");
  EXPECT_EQ(ca.record(old.issued.serial).replaced_by, winner.json()["serial"].get<std::string>());
}

// ---- a view that cannot say
TEST_F(Renewal, with_the_view_at_rest_nothing_false_is_answered) {
  const Held old = ca.held();
  const auto csr = csr_for({}, new_key());
  role.let_the_view_age(Seconds(6));
  const auto stale = ca.renew(old, csr);
  EXPECT_EQ(stale.status, 503u) << stale.body;
  EXPECT_EQ(stale.reason(), "view-stale");
  EXPECT_EQ(role.get("/v1/certificates/0a0b/renew").send().reason(), "view-stale") << "absence is no answer";
  EXPECT_EQ(role.get("/v1/certificates/" + old.serial() + "/renew").send().status, 200u) << "what is there does not age";
  role.let_the_view_go_on();
  role.advance(Milliseconds(1));
  EXPECT_EQ(ca.renew(old, csr).status, 201u);
}

TEST_F(Renewal, an_unknown_outcome_is_unknown_and_the_same_request_finds_what_landed) {
  const Held old = ca.held();
  const auto csr = csr_for({}, new_key());
  role.log().inject(eventlog::MemoryLog::Fault::unknown_persisted);
  const auto unknown = ca.renew(old, csr);
  EXPECT_EQ(unknown.status, 503u);
  EXPECT_EQ(unknown.header("Retry-After"), "1");
  role.settle();
  EXPECT_EQ(ca.renew(old).reason(), "already-renewed");
  EXPECT_EQ(serial_of(ca.renew(old, csr)), issued().back().serial);
  EXPECT_EQ(issued().size(), 2u);
}

}  // namespace
}  // namespace quicklime::renewal
