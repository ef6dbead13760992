#pragma once
// An authority, certificates with their keys, and the role that renews them; perhaps in two processes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ca/authority.hpp"
#include "pki/pem.hpp"
#include "renewal/proof.hpp"
#include "renewal/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::renewal::test {

using quicklime::test::Answer;
using quicklime::test::Json;
using quicklime::test::Role;

// other: below a root that only stands beside the first.
struct Authorities {
  ca::NewAuthority root, issuing, other, other_root;
};
inline const Authorities& authorities() {
  static const Authorities made = [] {
    const ca::AuthorityPlan plan{.organization = "Test", .public_url = "http://ca.test"};
    const Instant now = *Instant::parse("2026-11-21T12:00:00Z");
    auto root = ca::make_root(plan, now);
    auto issuing = ca::make_issuing(plan, *root, now);
    auto other_root = ca::make_root(plan, now);
    auto other = ca::make_issuing(plan, *other_root, now);
    other_root->id = AuthorityId("root-2");
    other->id = AuthorityId("issuing-2");
    return Authorities{*std::move(root), *std::move(issuing), *std::move(other), *std::move(other_root)};
  }();
  return made;
}

inline crypto::PrivateKey new_key(crypto::KeyKind kind = crypto::KeyKind::p256) { return *crypto::PrivateKey::generate(kind); }
inline std::string key_sha256(const crypto::PrivateKey& key) { return hex_encode(crypto::view(crypto::sha256(key.public_key().spki()))); }
inline pki::Csr csr_for(const std::vector<std::string>& names, const crypto::PrivateKey& key, const std::string& common_name = "") {
  std::vector<pki::AlternativeName> alternative;
  for (const auto& name : names) alternative.push_back(*pki::AlternativeName::guess(name));
  return *pki::Csr::make(common_name.empty() ? pki::Name::empty() : pki::Name::common_name(common_name), alternative, key);
}

// A certificate as its holder has it.
struct Held {
  struct {
    SerialNumber serial;
    std::string certificate;  // DER
    std::string renewal_challenge;
    Instant not_after;
  } issued;
  crypto::PrivateKey key;
  std::string serial() const { return issued.serial.hex(); }
};

// One process with the role, and an issuing one's Issuer beside it for what there is to renew.
class Process {
 public:
  // vouching: as the site of the role says (api/presented.hpp).
  explicit Process(Role& role, ca::IssuePolicy policy = {}, std::vector<std::string> vouching = {}) : role(role) {
    policy.public_url = "http://ca.test";
    policy.verdict_wait = Seconds(30);  // a test machine may be slow; who tests the limit sets it
    first = issuer(policy, authorities().issuing);
    of_another_authority = issuer(policy, authorities().other);
    policy.renews = true;
    renewer = issuer(policy, authorities().issuing);
    role.serve([this, vouching](api::ServiceContext context) {
      context.vouching = vouching;
      return make_service(context, renewer);
    });
  }

  std::shared_ptr<ca::Issuer> issuer(const ca::IssuePolicy& policy, const ca::NewAuthority& by) {
    const auto context = role.context();
    return std::make_shared<ca::Issuer>(ca::SigningKeys::fixed({{by.id, std::make_shared<crypto::KeySigner>(by.key)}}),
                                        ca::RevocationKey(Secret(std::string(32, 'k'))), policy, context.writer, context.log, context.view,
                                        context.clock, context.pools);
  }

  struct Plan {
    std::vector<std::string> names{"api.internal"};
    std::string profile = "tls-server";
    std::optional<Milliseconds> lifetime{};
    crypto::KeyKind kind = crypto::KeyKind::p256;
    bool by_another_authority = false;
    events::Actor requester{events::Actor::Kind::control, "tester"};
    std::optional<crypto::PrivateKey> key{};  // none: a new one
  };
  Held held() { return held(Plan{}); }
  Held held(const Plan& plan) {
    role.advance(Milliseconds(0));  // until the view knows that it has caught up
    auto key = plan.key ? *plan.key : new_key(plan.kind);
    ca::IssueRequest asked{.csr = csr_for(plan.names, key),
                           .profile = plan.profile,
                           .lifetime = plan.lifetime,
                           .service = "shop",
                           .node = "n1",
                           .method = "POST",
                           .route = "/v1/certificates",
                           .body_sha256 = std::string(64, 'a'),
                           .cause = {RequestId("issued")}};
    ca::Requester administrator{plan.requester, {"*"}, ca::NamePolicy::everything(), plan.profile == "role-peer"};
    auto issued =
        async::run_to_end((plan.by_another_authority ? of_another_authority : first)->issue(std::move(asked), std::move(administrator)));
    if (!issued) throw std::runtime_error(issued.error().detail);
    role.settle();
    return {{issued->serial, issued->certificate, issued->renewal_challenge, issued->not_after}, std::move(key)};
  }

  Role::Ask ask(const std::string& serial, const std::string& query = "") {
    return role.post("/v1/certificates/" + serial + "/renew" + query);
  }
  // covered: the lifetime that the proof speaks of.
  static Json signed_body(const Held& old, const pki::Csr& csr, const std::optional<Milliseconds>& covered = {}) {
    const auto signature = old.key.sign(ca::renewal_proof_text(old.issued.serial, old.issued.renewal_challenge, csr.der(), covered));
    return {{"csr", base64_encode(csr.der())}, {"signature", base64_encode(*signature)}};
  }
  Answer renew(const Held& old, const pki::Csr& csr) { return ask(old.serial()).json(signed_body(old, csr)).send(); }
  Answer renew(const Held& old) { return renew(old, csr_for({}, new_key())); }

  void revoke(const SerialNumber& serial, const std::string& key_sha256 = std::string(64, '0'), const std::string& reason = "superseded") {
    role.given(events::CertificateRevoked{serial, AuthorityId("issuing-1"), reason, key_sha256, std::nullopt});
  }
  ca::CertificateRecord record(const SerialNumber& serial) {
    role.settle();
    std::vector<views::PointKey> key{ca::certificate_key(serial)};
    return *ca::decode_certificate_record(*async::run_to_end(role.view().get(std::move(key)))->values.front());
  }

  Role& role;
  std::shared_ptr<ca::Issuer> first, of_another_authority, renewer;
};

inline void add_authorities(Role& role) {
  const auto& [root, issuing, other, other_root] = authorities();
  role.given(events::AuthorityAdded{root.id, std::nullopt, root.certificate.der()});
  role.given(events::AuthorityAdded{issuing.id, root.id, issuing.certificate.der()});
  role.given(events::AuthorityAdded{other_root.id, std::nullopt, other_root.certificate.der()});
  role.given(events::AuthorityAdded{other.id, other_root.id, other.certificate.der()});
}

// issuing-1, by its root.
inline void revoke_authority(Role& role) {
  const auto& [root, issuing, other, other_root] = authorities();
  role.given(events::CertificateRevoked{issuing.certificate.serial(), root.id, "cACompromise", std::string(64, '0'), std::nullopt});
}

inline SerialNumber serial_of(const Answer& answer) { return *SerialNumber::from_hex(answer.json()["serial"].get<std::string>()); }
inline pki::Certificate certificate_of(const Answer& answer) {
  return *pki::Certificate::parse(*pki::pem_or_der(answer.json()["certificate"].get<std::string>(), "CERTIFICATE"));
}

}  // namespace quicklime::renewal::test
