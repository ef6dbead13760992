#include "runtime/peers.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "base/work.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/role_uri.hpp"
#include "crypto/signer.hpp"
#include "pki/certificate.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::runtime {
namespace {

struct Made {
  ca::NewAuthority root, issuing;
};
const Made& authorities() {
  static const Made made = [] {
    const ca::AuthorityPlan plan{.organization = "Acme", .public_url = "http://ca.internal"};
    const Instant now = *Instant::parse("2026-11-21T12:00:00Z");
    auto root = ca::make_root(plan, now);
    auto issuing = ca::make_issuing(plan, *root, now);
    return Made{*std::move(root), *std::move(issuing)};
  }();
  return made;
}

// A view that keeps what became of each certificate, and of keys.
views::Projection statuses() {
  return {.name = "statuses",
          .version = 1,
          .spaces = {{"status", views::SpaceKind::points}, ca::authority_space(), ca::blocked_key_space()},
          .apply = [](const views::Record& record, views::Fold& fold) -> Result<void> {
            const auto& event = record.event;
            ca::fold_authority(event, fold);
            if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) {
              fold.put("status", revoked->serial.hex(), ca::encode(*ca::next_status({}, event.data, event.time, true)));
            }
            ca::fold_blocked_key(event, fold);
            return {};
          }};
}

class PeersTest : public testing::Test {
 protected:
  PeersTest()
      : role_(statuses()),
        all_({{authorities().root.id, std::nullopt, authorities().root.certificate},
              {authorities().issuing.id, authorities().root.id, authorities().issuing.certificate}}) {}

  Peers peers(std::vector<std::string> accepts = {"gateway"}) {
    return peers(std::move(accepts), role_.view(), views::Complete::since_start);
  }
  Peers peers(std::vector<std::string> accepts, views::View& view, views::Complete complete) {
    return {std::move(accepts),
            all_,
            role_.clock(),
            view,
            {[](const AuthorityId&, const SerialNumber& serial) {
               return views::PointKey{"status", serial.hex()};
             },
             &ca::decode_status},
            complete,
            of_revoked_authority_};
  }
  static std::string refusal(const Peers& peers, std::optional<std::string> certificate) {
    http::Request request;
    request.peer.certificate = std::move(certificate);
    const auto admitted = async::run_to_end(peers.admit(request));
    return admitted ? "" : admitted.error().reason;
  }
  // Whom a refusal is recorded of; "": it is not.
  std::string recorded(const Peers& peers, const std::string& certificate) {
    access::Denials denials(role_.writer(), role_.clock());
    const std::size_t before = role_.log_length();
    http::Request request{.method = http::Method::get, .target = "/v1/tokens/x", .path = "/v1/tokens/x", .route = "/v1/tokens/{id}"};
    request.peer.certificate = certificate;
    (void)async::run_to_end(peers.admit(request, &denials));
    if (role_.log_length() == before) return "";
    const auto event = role_.written().back();
    const auto& denied = std::get<events::RequestDenied>(event.data);
    return std::string(events::name(event.actor.kind)) + " " + event.actor.id + ": " + denied.route + " " + denied.reason;
  }
  struct Plan {
    std::vector<std::string> names{"quicklime:role/gateway", "localhost"};
    std::string_view usage = pki::oid::client_auth;
    unsigned char serial = 1;
  };
  std::string certificate() const { return certificate(Plan{}); }
  std::string certificate(const Plan& plan) const {
    const crypto::KeySigner signer(authorities().issuing.key);
    const auto& issuer = authorities().issuing.certificate;
    const pki::CertificateTemplate made({.issuer = issuer.subject(),
                                         .authority_key_identifier = issuer.subject_key_identifier(),
                                         .key_usages = {pki::KeyUsage::digital_signature},
                                         .extended_key_usages = {std::string(plan.usage)},
                                         .is_ca = false,
                                         .path_length = std::nullopt,
                                         .ocsp_urls = {},
                                         .ca_issuer_urls = {},
                                         .crl_urls = {},
                                         .signature_algorithm = signer.algorithm()});
    std::vector<pki::AlternativeName> names;
    for (const auto& name : plan.names) names.push_back(*pki::AlternativeName::guess(name));
    const Instant now = role_.clock().now();
    return *made.sign({.serial = *SerialNumber::from_octets(std::string(1, static_cast<char>(plan.serial))),
                       .subject = pki::Name::empty(),
                       .names = names,
                       .spki = key_.public_key().spki(),
                       .not_before = now - Seconds(60),
                       .not_after = now + std::chrono::hours(1)},
                      signer);
  }
  void revoke(const std::string& der, const char* reason = "superseded") {
    const auto certificate = pki::Certificate::parse(der);
    role_.given(events::CertificateRevoked{certificate->serial(), authorities().issuing.id, reason, key_sha256(), std::nullopt});
  }
  // Of the one key that all certificates here have.
  std::string key_sha256() const { return hex_encode(crypto::view(crypto::sha256(key_.public_key().spki()))); }
  // Until the view was asked again about a peer that is known.
  std::string settled(const Peers& peers, const std::string& certificate, const std::string& wanted) {
    const auto since = std::chrono::steady_clock::now();
    std::string found = refusal(peers, certificate);
    while (found != wanted && std::chrono::steady_clock::now() - since < Seconds(30)) found = refusal(peers, certificate);
    return found;
  }
  std::string load(const std::string& toml, const std::string& role) {
    const std::string file = testing::TempDir() + "/peers.toml";
    std::ofstream(file) << toml;
    const auto names = load_peers(file, role, {});
    if (!names) return names.error().reason;
    std::string text;
    for (const auto& name : *names) text += name + ";";
    return text;
  }

  mutable test::Role role_;
  ca::Authorities all_;
  OfRevokedAuthority of_revoked_authority_ = OfRevokedAuthority::refused;
  crypto::PrivateKey key_ = *crypto::PrivateKey::generate(crypto::KeyKind::p256);
};

TEST_F(PeersTest, TheFileSaysWhomARoleAccepts) {
  const std::string toml = "[crl]\naccepts = [\"gateway\", \"ocsp\"]\n[ocsp]\naccepts = []\n";
  EXPECT_EQ(load(toml, "crl"), "gateway;ocsp;");
  EXPECT_EQ(load(toml, "ocsp"), "") << "nobody, and that is said";
  EXPECT_EQ(load(toml, "issuance"), "setting-invalid");
  EXPECT_EQ(load("[crl]\naccept = [\"gateway\"]\n", "crl"), "setting-unknown");
  EXPECT_EQ(load_peers("/nowhere/peers.toml", "crl", {"gateway"}).value(), std::vector<std::string>{"gateway"}) << "without a file";
}

TEST_F(PeersTest, WhoShowsNothingOrSomethingForeignIsNobody) {
  const Peers accepting = peers();
  EXPECT_EQ(refusal(accepting, std::nullopt), "peer-unknown");
  EXPECT_EQ(refusal(accepting, "rubbish"), "peer-unknown");
  const auto parsed = work::counted(work::Kind::certificate);
  EXPECT_EQ(refusal(accepting, std::string(53'000, 'c')), "peer-unknown");
  EXPECT_EQ(work::counted(work::Kind::certificate), parsed) << "so large a certificate is not parsed";
  const auto foreign = ca::make_root({.organization = "Other", .public_url = "http://other"}, role_.clock().now());
  EXPECT_EQ(refusal(accepting, foreign->certificate.der()), "peer-unknown");
  EXPECT_EQ(refusal(accepting, authorities().issuing.certificate.der()), "peer-unknown") << "ours, but of no role";
}

TEST_F(PeersTest, ARoleForTlsClientsIsWhatLetsIn) {
  const Peers accepting = peers();
  EXPECT_EQ(refusal(accepting, certificate()), "");
  EXPECT_EQ(refusal(accepting, certificate({.names = {"gateway"}})), "peer-unknown") << "a DNS name, which anybody can be granted";
  EXPECT_EQ(refusal(accepting, certificate({.names = {"gateway", "quicklime:role/ocsp"}})), "peer-not-accepted");
  EXPECT_EQ(refusal(accepting, certificate({.names = {"quicklime:role/gateway", "quicklime:role/ocsp"}})), "peer-unknown") << "two roles";
  EXPECT_EQ(refusal(accepting, certificate({.usage = pki::oid::server_auth})), "peer-unknown") << "for servers";
  EXPECT_EQ(refusal(peers({}), certificate()), "peer-not-accepted");
}

TEST_F(PeersTest, ARefusalOfWhoHasACertificateOfOursIsAnEventAndOfAStrangerIsNone) {
  EXPECT_EQ(recorded(peers(), certificate()), "") << "admitted";
  EXPECT_EQ(recorded(peers({}), certificate()), "certificate 01: GET /v1/tokens/{id} peer-not-accepted");
  EXPECT_EQ(recorded(peers(), "rubbish"), "");
  const auto foreign = ca::make_root({.organization = "Other", .public_url = "http://other"}, role_.clock().now());
  EXPECT_EQ(recorded(peers(), foreign->certificate.der()), "");
  revoke(certificate());
  EXPECT_EQ(recorded(peers(), certificate()), "certificate 01: GET /v1/tokens/{id} peer-revoked");
}

TEST_F(PeersTest, ARevokedPeerIsAdmittedNoMore) {
  const Peers accepting = peers();
  const std::string known = certificate(), later = certificate({.serial = 2});
  EXPECT_EQ(refusal(accepting, known), "");
  revoke(later);
  EXPECT_EQ(refusal(accepting, later), "peer-revoked") << "at its first request";
  EXPECT_EQ(refusal(accepting, known), "") << "revoked for another reason, a certificate says nothing of its key";
  revoke(known);
  EXPECT_EQ(settled(accepting, known, "peer-revoked"), "peer-revoked");
}

// Whoever has the key shows the certificate that nobody thought of.
TEST_F(PeersTest, ACompromisedKeyAdmitsNobodyByAnyCertificate) {
  const Peers accepting = peers();
  const std::string stolen = certificate(), known = certificate({.serial = 2}), later = certificate({.serial = 3});
  EXPECT_EQ(refusal(accepting, known), "");
  revoke(stolen, "keyCompromise");
  EXPECT_EQ(refusal(accepting, later), "peer-revoked") << "at its first request";
  EXPECT_EQ(settled(accepting, known, "peer-revoked"), "peer-revoked");
}

TEST_F(PeersTest, AKeyThatIsBlockedWithoutACertificateAdmitsNobody) {
  const Peers accepting = peers();
  const std::string known = certificate();
  role_.given(events::KeyBlocked{std::string(64, 'a')});
  EXPECT_EQ(refusal(accepting, known), "") << "another key";
  role_.given(events::KeyBlocked{key_sha256()});
  EXPECT_EQ(settled(accepting, known, "peer-revoked"), "peer-revoked");
  EXPECT_EQ(refusal(accepting, certificate({.serial = 2})), "peer-revoked");
}

TEST_F(PeersTest, OfARevokedAuthorityNobodyIsAdmittedWhereCertificatesAreMade) {
  const auto& [root, issuing] = authorities();
  role_.given(events::AuthorityAdded{root.id, std::nullopt, root.certificate.der()});
  role_.given(events::AuthorityAdded{issuing.id, root.id, issuing.certificate.der()});
  const Peers making = peers();
  of_revoked_authority_ = OfRevokedAuthority::admitted;
  const Peers telling = peers();
  const std::string known = certificate(), later = certificate({.serial = 2});
  EXPECT_EQ(refusal(making, known), "");
  EXPECT_EQ(refusal(telling, known), "");
  role_.given(events::CertificateRevoked{issuing.certificate.serial(), root.id, "cACompromise", std::string(64, 'a'), std::nullopt});
  EXPECT_EQ(refusal(making, later), "authority-revoked") << "at its first request";
  const auto revoked = std::chrono::steady_clock::now();
  while (refusal(making, known).empty()) ASSERT_LT(std::chrono::steady_clock::now() - revoked, Seconds(5));
  EXPECT_EQ(refusal(making, known), "authority-revoked");
  for (const auto& peer : {known, later}) EXPECT_EQ(refusal(telling, peer), "") << "clients learn of it through it";
  revoke(later);
  while (refusal(telling, later).empty()) ASSERT_LT(std::chrono::steady_clock::now() - revoked, Seconds(10));
  EXPECT_EQ(refusal(telling, later), "peer-revoked") << "itself";
}

TEST_F(PeersTest, AnExpiredPeerIsAdmittedNoMore) {
  const Peers accepting = peers();
  const std::string known = certificate();
  EXPECT_EQ(refusal(accepting, known), "");
  role_.advance(std::chrono::minutes(61));
  EXPECT_EQ(refusal(accepting, known), "peer-unknown");
}

TEST_F(PeersTest, ARoleThatServesWhatSpeaksForItselfKnowsItsPeersByAViewOfBeforeItsStart) {
  const std::string good = certificate(), revoked = certificate({.serial = 2});
  revoke(revoked);
  role_.let_the_view_age(Milliseconds(1'000));
  views::View started("statuses", role_.store(), views::View::Notified::by_polling);
  EXPECT_EQ(refusal(peers({"gateway"}, started, views::Complete::since_start), good), "view-incomplete");
  const Peers of_crl = peers({"gateway"}, started, views::Complete::once);
  EXPECT_EQ(refusal(of_crl, good), "");
  EXPECT_EQ(refusal(of_crl, revoked), "peer-revoked");
}

// CRLs and what OCSP keeps go on while Redis is away; of whom nothing is known yet nothing is believed.
TEST_F(PeersTest, WithoutTheViewItsLastWordHolds) {
  const Peers accepting = peers();
  const std::string known = certificate(), revoked = certificate({.serial = 2}), stranger = certificate({.serial = 3});
  revoke(revoked);
  EXPECT_EQ(refusal(accepting, known), "");
  EXPECT_EQ(refusal(accepting, revoked), "peer-revoked");
  role_.let_the_view_age(Milliseconds(0));
  role_.store().flush();
  std::this_thread::sleep_for(Milliseconds(1'100));  // until it would ask again
  EXPECT_EQ(refusal(accepting, known), "");
  EXPECT_EQ(refusal(accepting, revoked), "peer-revoked");
  const std::string error = refusal(accepting, stranger);
  EXPECT_FALSE(error.empty());
  EXPECT_NE(error, "peer-revoked");
  role_.let_the_view_go_on();
}

}  // namespace
}  // namespace quicklime::runtime
