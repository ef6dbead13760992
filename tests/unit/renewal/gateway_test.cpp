// A gateway ends the TLS of renewing clients and hands their certificate on in a header: believed of it alone.

#include "renewal_fixture.hpp"

namespace quicklime::renewal {
namespace {

using namespace test;

class Gateway : public ::testing::Test {
 protected:
  Gateway() : Gateway({"gateway"}) {}
  explicit Gateway(std::vector<std::string> vouching) : vouching(std::move(vouching)), role(projection()) {}

  Held certificate(const std::string& name, const std::string& profile = "tls-peer") {
    return ca.held({.names = {name}, .profile = profile});
  }
  Held peer(const std::string& name) { return certificate("quicklime:role/" + name, "role-peer"); }
  Answer through(const Held& peer, const std::string& header) {
    const auto csr = csr_for({}, new_key());
    return ca.ask(old.serial())
        .presenting(peer.issued.certificate)
        .header("Client-Cert", header)
        .body("application/pkcs10", csr.der())
        .send();
  }
  static std::string rfc9440(const Held& held) { return ":" + base64_encode(held.issued.certificate) + ":"; }
  static std::string escaped(const Held& held) { return http::percent_encode(pki::pem_encode("CERTIFICATE", held.issued.certificate)); }

  static Role& with_authorities(Role& role) {
    add_authorities(role);
    return role;
  }

  const std::vector<std::string> vouching;
  Role role;
  Process ca{with_authorities(role), {}, vouching};
  Held old = ca.held();
};

TEST_F(Gateway, is_believed_in_both_forms) {
  const Held gateway = peer("gateway");
  const auto first = through(gateway, rfc9440(old));
  EXPECT_EQ(first.status, 201u) << first.body;
  old = ca.held();
  const auto second = through(gateway, escaped(old));
  EXPECT_EQ(second.status, 201u) << second.body;
  EXPECT_EQ(second.json()["replaces"], old.serial());
}

TEST_F(Gateway, without_a_client_certificate_there_is_no_proof) {
  const Held gateway = peer("gateway");
  EXPECT_EQ(through(gateway, "").reason(), "renewal-proof-missing");
  EXPECT_EQ(through(gateway, rfc9440(ca.held())).reason(), "renewal-proof-wrong");
  for (const char* nonsense : {"x", ":", ":%%%:", "-----BEGIN CERTIFICATE-----", "%zz"}) {
    const auto answer = through(gateway, nonsense);
    EXPECT_EQ(answer.status, 400u) << nonsense;
    EXPECT_EQ(answer.reason(), "client-certificate-malformed") << nonsense;
  }
}

TEST_F(Gateway, anybody_else_is_only_who_they_are) {
  const auto ignored = [&](const Held& peer) {
    const auto answer = through(peer, rfc9440(old));
    EXPECT_EQ(answer.status, 401u) << answer.body;
    return answer.reason();
  };
  EXPECT_EQ(ignored(certificate("gateway")), "renewal-proof-wrong") << "a DNS name, which anybody can be granted";
  EXPECT_EQ(ignored(peer("ocsp")), "renewal-proof-wrong") << "another role";
  const Held revoked = peer("gateway");
  ca.revoke(revoked.issued.serial);
  EXPECT_EQ(ignored(revoked), "renewal-proof-missing");
  const Held held = peer("gateway");
  role.given(events::CertificateHeld{held.issued.serial, AuthorityId("issuing-1")});
  EXPECT_EQ(ignored(held), "renewal-proof-missing");

  const Held twin = peer("gateway");
  role.given(events::KeyBlocked{hex_encode(crypto::view(crypto::sha256(pki::Certificate::parse(twin.issued.certificate)->spki())))});
  EXPECT_EQ(ignored(twin), "renewal-proof-missing") << "its key was reported as compromised, with another certificate";

  // No certificate at all: plain, or over the control socket.
  const auto csr = csr_for({}, new_key());
  const auto plain = ca.ask(old.serial()).header("Client-Cert", rfc9440(old)).body("application/pkcs10", csr.der()).send();
  EXPECT_EQ(plain.reason(), "renewal-proof-missing");
  const auto control =
      ca.ask(old.serial()).as_administrator().header("Client-Cert", rfc9440(old)).body("application/pkcs10", csr.der()).send();
  EXPECT_EQ(control.reason(), "renewal-proof-missing");

  // A certificate for the name, and not of ours.
  const auto key = new_key();
  const ca::AuthorityPlan plan{.organization = "Elsewhere", .public_url = "http://elsewhere.test"};
  const auto foreign_root = ca::make_root(plan, role.clock().now());
  const auto foreign = ca::make_issuing(plan, *foreign_root, role.clock().now());
  const Held ours = peer("gateway");
  const auto certificate = *pki::Certificate::parse(ours.issued.certificate);
  const crypto::KeySigner signer(foreign->key);
  const pki::CertificateTemplate forger({.issuer = certificate.issuer(),
                                         .authority_key_identifier = certificate.authority_key_identifier(),
                                         .key_usages = {pki::KeyUsage::digital_signature},
                                         .extended_key_usages = {std::string(pki::oid::client_auth)},
                                         .is_ca = false,
                                         .path_length = std::nullopt,
                                         .ocsp_urls = {},
                                         .ca_issuer_urls = {},
                                         .crl_urls = {},
                                         .signature_algorithm = signer.algorithm()});
  Held forged = ours;
  forged.issued.certificate = *forger.sign({.serial = certificate.serial(),
                                            .subject = certificate.subject(),
                                            .names = certificate.alternative_names(),
                                            .spki = key.public_key().spki(),
                                            .not_before = certificate.not_before(),
                                            .not_after = certificate.not_after()},
                                           signer);
  EXPECT_EQ(ignored(forged), "renewal-proof-missing") << "the serial and the name of ours, signed by somebody else";
  EXPECT_EQ(through(ours, rfc9440(old)).status, 201u);
}

TEST_F(Gateway, of_a_revoked_authority_it_is_one_no_more) {
  const Held gateway = peer("gateway");
  revoke_authority(role);
  EXPECT_EQ(through(gateway, rfc9440(old)).reason(), "renewal-proof-missing");
}

// Else whoever reaches the gateway could have a certificate for its name.
TEST_F(Gateway, does_not_renew_itself_for_others) {
  const Held gateway = ca.held({.names = {"quicklime:role/gateway"}, .profile = "role-peer", .lifetime = std::chrono::hours(1)});
  const auto csr = csr_for({}, new_key());
  const auto ask = [&] {
    return ca.ask(gateway.serial()).presenting(gateway.issued.certificate).body("application/pkcs10", csr.der()).send();
  };
  EXPECT_EQ(ask().reason(), "renewal-proof-missing");
  role.advance(std::chrono::minutes(90));
  EXPECT_EQ(ask().reason(), "renewal-proof-missing") << "expired, it still is the connection of others";
  EXPECT_EQ(ca.renew(gateway, csr).status, 201u) << "its key says it is itself";
}

TEST_F(Gateway, expired_it_is_one_no_more) {
  const Held gateway = ca.held({.names = {"quicklime:role/gateway"}, .profile = "role-peer", .lifetime = std::chrono::hours(1)});
  role.advance(std::chrono::hours(2));
  EXPECT_EQ(through(gateway, rfc9440(old)).reason(), "renewal-proof-missing");
}

class AnotherGateway : public Gateway {
 protected:
  AnotherGateway() : Gateway({"front"}) {}
};
TEST_F(AnotherGateway, is_believed_alone_where_it_is_the_one) {
  const Held gateway = peer("gateway"), front = peer("front");
  EXPECT_EQ(through(gateway, rfc9440(old)).reason(), "renewal-proof-wrong");
  EXPECT_EQ(through(front, rfc9440(old)).status, 201u);
}

class NoGateway : public Gateway {
 protected:
  NoGateway() : Gateway(std::vector<std::string>()) {}
};
TEST_F(NoGateway, nobody_is_believed) { EXPECT_EQ(through(peer("gateway"), rfc9440(old)).reason(), "renewal-proof-wrong"); }

// The attack that this is about: a requester who was granted every name, and has one of them.
TEST_F(Gateway, cannot_be_asked_for) {
  for (const char* profile : {"tls-client", "tls-peer", "tls-server", "role-peer"}) {
    for (const char* name : {"quicklime:role/gateway", "QuickLime:role/gateway"}) {
      const auto name_of_ours = pki::AlternativeName::make(pki::NameKind::uri, name);
      ASSERT_TRUE(name_of_ours);
      ca::IssueRequest asked{.csr = *pki::Csr::make(pki::Name::empty(), {*name_of_ours}, new_key()),
                             .profile = profile,
                             .method = "POST",
                             .route = "/v1/certificates",
                             .body_sha256 = std::string(64, 'a'),
                             .cause = {RequestId("asked")}};
      ca::Requester administrator{{events::Actor::Kind::control, "tester"}, {"*"}, ca::NamePolicy::everything()};
      role.advance(Milliseconds(0));
      const auto issued = async::run_to_end(ca.first->issue(std::move(asked), std::move(administrator)));
      ASSERT_FALSE(issued) << profile;
      EXPECT_EQ(issued.error().reason, std::string(profile) == "role-peer" ? "profile-not-granted" : "name-reserved");
    }
  }
}

TEST_F(Gateway, the_event_says_how_possession_was_proved_and_who_vouched) {
  const Held gateway = peer("gateway");
  const auto last = [&] { return role.written_of<events::CertificateIssued>().back(); };
  EXPECT_EQ(last().proof, "csr");
  ASSERT_EQ(through(gateway, rfc9440(old)).status, 201u);
  EXPECT_EQ(last().proof, "client-certificate");
  EXPECT_EQ(last().vouched_by, "gateway");
  EXPECT_EQ(last().voucher, gateway.issued.serial);
  old = ca.held();
  const auto csr = csr_for({}, new_key());
  ASSERT_EQ(ca.ask(old.serial()).presenting(old.issued.certificate).body("application/pkcs10", csr.der()).send().status, 201u);
  EXPECT_EQ(last().proof, "client-certificate");
  EXPECT_EQ(last().vouched_by, std::nullopt);
  EXPECT_EQ(last().voucher, std::nullopt);
  ASSERT_EQ(ca.renew(ca.held()).status, 201u);
  EXPECT_EQ(last().proof, "old-key");
}

// The race of a gateway's key that was stolen: this view rests, and did not hear that the gateway is none any more.
TEST_F(Gateway, what_it_vouched_for_after_it_was_revoked_does_not_stand) {
  const Held gateway = peer("gateway");
  role.advance(Milliseconds(0));
  role.let_the_view_age(Milliseconds(1'000));
  role.given_unseen(
      events::CertificateRevoked{gateway.issued.serial, AuthorityId("issuing-1"), "keyCompromise", key_sha256(gateway.key), {}});
  const auto late = role.judged_late([&] { return through(gateway, rfc9440(old)); });
  EXPECT_EQ(late.status, 403u) << late.body;
  EXPECT_EQ(late.reason(), "voucher-revoked");
  role.advance(Milliseconds(0));
  EXPECT_EQ(*async::run_to_end(ca.renewer->sweep()), 1u);
  EXPECT_EQ(role.written_of<events::CertificateRevoked>().back().reason, "privilegeWithdrawn");
  role.settle();
  EXPECT_EQ(through(gateway, rfc9440(old)).reason(), "renewal-proof-missing");
  EXPECT_EQ(through(peer("gateway"), rfc9440(old)).status, 201u) << "another one vouches";
}

TEST_F(Gateway, its_certificate_is_renewed_with_its_role_by_its_key) {
  const Held gateway = peer("gateway");
  const auto renewed = ca.renew(gateway);
  ASSERT_EQ(renewed.status, 201u) << renewed.body;
  EXPECT_THAT(renewed.json()["names"], ::testing::ElementsAre("URI:quicklime:role/gateway"));
  EXPECT_EQ(renewed.json()["profile"], "role-peer");
}

}  // namespace
}  // namespace quicklime::renewal
