#include <algorithm>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "ca/authority.hpp"
#include "crypto/random.hpp"

namespace quicklime::ca {
namespace {

constexpr std::chrono::minutes kBackdateOfAuthorities{1};  // for machines whose clocks run behind

const AuthorityId kFirstRoot("root-1");
const AuthorityId kFirstIssuing("issuing-1");

// "issuing-2": "Issuing CA 2".
std::string role_text(const AuthorityId& id) {
  std::string kind = id.text(), number;
  const auto dash = kind.rfind('-');
  const bool numbered =
      dash != std::string::npos && dash + 1 < kind.size() && kind.find_first_not_of("0123456789", dash + 1) == std::string::npos;
  if (numbered) {
    number = " " + kind.substr(dash + 1);
    kind.resize(dash);
  }
  if (kind.front() >= 'a' && kind.front() <= 'z') kind.front() = static_cast<char>(kind.front() - 'a' + 'A');
  return kind + " CA" + number;
}

// Critical basicConstraints and keyUsage, SKI and AKI in every one of them (RFC 5280 sections 4.2.1.1-3, 4.2.1.9).
pki::CertificateTemplate::Fields fields_of(const FurtherAuthority& what, const pki::Name& issuer,
                                           const std::string& authority_key_identifier) {
  return {.issuer = issuer,
          .authority_key_identifier = authority_key_identifier,
          .key_usages = {pki::KeyUsage::key_cert_sign, pki::KeyUsage::crl_sign},
          .extended_key_usages = {},
          .is_ca = true,
          .path_length = what.path_length,
          .name_constraints = what.permitted,
          .ocsp_urls = {},
          .ca_issuer_urls = {},
          .crl_urls = {},
          .ocsp_no_check = false,
          .signature_algorithm = {}};
}

Result<pki::Certificate> sign(pki::CertificateTemplate::Fields fields, const pki::Name& subject, const crypto::PublicKey& key, Instant from,
                              Instant until, const crypto::Signer& issuer) {
  fields.signature_algorithm = issuer.algorithm();
  const SerialNumber serial = crypto::random_serial_number();
  const auto der = pki::CertificateTemplate(fields).sign({.serial = serial,
                                                          .subject = subject,
                                                          .names = {},
                                                          .spki = key.spki(),
                                                          .not_before = from.whole_seconds(),
                                                          .not_after = until.whole_seconds()},
                                                         issuer);
  if (!der) return forward(der);
  return pki::Certificate::parse(*der);
}

FurtherAuthority first(const AuthorityId& id, const AuthorityPlan& plan, Milliseconds lifetime, std::optional<unsigned> path_length) {
  return {id, plan.organization, plan.public_url, lifetime, path_length, plan.permitted};
}

}  // namespace

// The digits come from the key, so that two keys never share a name and a client can never pick the wrong issuer by name.
Result<pki::Name> name_of(const FurtherAuthority& what, const crypto::PublicKey& key) {
  // With the role and the four digits a common name stays within ub-common-name and ub-organization-name, 64 each.
  if (what.organization.empty() || what.organization.size() > 40 || !is_printable(what.organization)) {
    return fail(ErrorCode::invalid, "organization-malformed", "the organization's name has 1 to 40 bytes of printable text",
                "organization");
  }
  const std::string digits = hex_encode(pki::key_identifier(key.spki())).substr(0, 4);
  return pki::Name::organization_and_common_name(what.organization, what.organization + " " + role_text(what.id) + " (" + digits + ")");
}

Result<pki::Certificate> sign_root(const FurtherAuthority& what, const crypto::PrivateKey& key, Instant now) {
  const auto subject = name_of(what, key.public_key());
  if (!subject) return forward(subject);
  // A self-signed root may leave its AKI out; Python 3.13 and others that check strictly want it there.
  auto fields = fields_of(what, *subject, pki::key_identifier(key.public_key().spki()));
  return sign(std::move(fields), *subject, key.public_key(), now - kBackdateOfAuthorities, now + what.lifetime, crypto::KeySigner(key));
}

Result<pki::Certificate> sign_below(const FurtherAuthority& what, const crypto::PublicKey& key, const Parent& parent, Instant now) {
  if (parent.signer.public_key().spki() != parent.certificate.spki()) {
    return fail(ErrorCode::conflict, "key-file-wrong", "this is not the key of the certificate of " + parent.id.text(), "key");
  }
  const auto room = parent.certificate.path_length();
  if (room && (*room == 0 || !what.path_length || *what.path_length >= *room)) {
    return fail(ErrorCode::invalid, "authority-path-length",
                parent.id.text() + " has path length " + std::to_string(*room) +
                    ": below it stands an authority of a smaller one, and below 0 none at all; choose another parent or --path-length",
                "path-length");
  }
  const auto subject = name_of(what, key);
  if (!subject) return forward(subject);
  auto fields = fields_of(what, parent.certificate.subject(), parent.certificate.subject_key_identifier());
  fields.ca_issuer_urls = {certificate_url(what.public_url, parent.id)};
  fields.crl_urls = {crl_url(what.public_url, parent.id)};
  const Instant until = std::min(now + what.lifetime, parent.certificate.not_after());
  const Instant from = std::max(now - kBackdateOfAuthorities, parent.certificate.not_before());
  return sign(std::move(fields), *subject, key, from, until, parent.signer);
}

AuthorityId next_id(const std::string& kind, const std::vector<AuthorityId>& taken) {
  for (std::size_t number = 1;; ++number) {
    AuthorityId id(kind + "-" + std::to_string(number));
    if (std::find(taken.begin(), taken.end(), id) == taken.end()) return id;
  }
}

Result<NewAuthority> make_root(const AuthorityPlan& plan, Instant now) {
  auto key = crypto::PrivateKey::generate(plan.key_kind);
  if (!key) return forward(key);
  auto certificate = sign_root(first(kFirstRoot, plan, plan.root_lifetime, std::nullopt), *key, now);
  if (!certificate) return forward(certificate);
  return NewAuthority{kFirstRoot, *std::move(key), *std::move(certificate)};
}

Result<NewAuthority> make_issuing(const AuthorityPlan& plan, const NewAuthority& root, Instant now) {
  auto key = crypto::PrivateKey::generate(plan.key_kind);
  if (!key) return forward(key);
  const crypto::KeySigner signer(root.key);
  auto certificate =
      sign_below(first(kFirstIssuing, plan, plan.issuing_lifetime, 0), key->public_key(), {root.id, root.certificate, signer}, now);
  if (!certificate) return forward(certificate);
  return NewAuthority{kFirstIssuing, *std::move(key), *std::move(certificate)};
}

}  // namespace quicklime::ca
