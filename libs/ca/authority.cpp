#include "ca/authority.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/printable.hpp"
#include "crypto/random.hpp"
#include "pki/pem.hpp"

namespace quicklime::ca {
namespace {

using pki::KeyUsage;

constexpr std::chrono::minutes kBackdate{1};  // for machines whose clocks run behind

const AuthorityId kRootId("root-1");
const AuthorityId kIssuingId("issuing-1");

std::string url(std::string_view public_url, const std::string& path) {
  while (public_url.ends_with('/')) public_url.remove_suffix(1);
  return std::string(public_url) + path;
}

// "Acme Corp Root CA 1 (3f2a)": the digits come from the key, so that two keys never share a name and a client can
// never pick the wrong issuer by name.
pki::Name distinct_name(const AuthorityPlan& plan, const std::string& role, const std::string& key_identifier) {
  const std::string common_name = plan.organization + " " + role + " (" + hex_encode(key_identifier).substr(0, 4) + ")";
  return pki::Name::organization_and_common_name(plan.organization, common_name);
}

// Critical basicConstraints and keyUsage, SKI and AKI in every one of them (RFC 5280 sections 4.2.1.1-3, 4.2.1.9).
pki::CertificateTemplate::Fields authority_fields(const pki::Name& issuer, const std::string& authority_key_identifier) {
  return {.issuer = issuer,
          .authority_key_identifier = authority_key_identifier,
          .key_usages = {KeyUsage::key_cert_sign, KeyUsage::crl_sign},
          .extended_key_usages = {},
          .is_ca = true,
          .path_length = std::nullopt,
          .ocsp_urls = {},
          .ca_issuer_urls = {},
          .crl_urls = {},
          .ocsp_no_check = false,
          .signature_algorithm = {}};
}

Result<NewAuthority> sign(AuthorityId id, crypto::PrivateKey key, pki::CertificateTemplate::Fields fields, const pki::Name& subject,
                          Instant from, Instant until, const crypto::Signer& issuer) {
  fields.signature_algorithm = issuer.algorithm();
  const SerialNumber serial = crypto::random_serial_number();
  const auto der = pki::CertificateTemplate(fields).sign({.serial = serial,
                                                          .subject = subject,
                                                          .names = {},
                                                          .spki = key.public_key().spki(),
                                                          .not_before = from.whole_seconds(),
                                                          .not_after = until.whole_seconds()},
                                                         issuer);
  if (!der) return forward(der);
  auto certificate = pki::Certificate::parse(*der);
  if (!certificate) return forward(certificate);
  return NewAuthority{std::move(id), std::move(key), *std::move(certificate)};
}

Result<void> check(const AuthorityPlan& plan) {
  // With the role and the four digits a common name stays within ub-common-name and ub-organization-name, 64 each.
  if (plan.organization.empty() || plan.organization.size() > 40 || !is_printable(plan.organization)) {
    return fail(ErrorCode::invalid, "organization-malformed", "the organization's name has 1 to 40 bytes of printable text",
                "organization");
  }
  return {};
}

}  // namespace

std::vector<pki::Certificate> chain_of(const AuthorityId& issuer, const std::vector<Authority>& all, Root root) {
  std::vector<pki::Certificate> chain;
  std::optional<AuthorityId> next = issuer;
  // Bounded by the number of authorities, so that a parent cycle in a foreign log cannot hold a process.
  while (next && chain.size() < all.size()) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Authority& authority) { return authority.id == *next; });
    if (found == all.end()) break;
    if (found->parent || root == Root::included) chain.push_back(found->certificate);
    next = found->parent;
  }
  return chain;
}

const Authority* revoked_of(const AuthorityId& issuer, const std::vector<Authority>& all) {
  std::optional<AuthorityId> next = issuer;
  for (std::size_t left = all.size(); next && left > 0; --left) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const Authority& authority) { return authority.id == *next; });
    if (found == all.end()) return nullptr;
    if (found->status.kind == Status::Kind::revoked) return &*found;
    next = found->parent;
  }
  return nullptr;
}

Failure authority_revoked(const Authority& authority) {
  return fail(ErrorCode::conflict, "authority-revoked",
              "the authority " + authority.id.text() + " is revoked" +
                  (authority.status.since ? " since " + authority.status.since->rfc3339_seconds() : "") + " (" +
                  std::string(pki::name(authority.status.reason)) +
                  "): nothing that it has issued is good any more, and it issues nothing; get a certificate from another CA");
}

std::string pem(const std::vector<pki::Certificate>& certificates) {
  std::string text;
  for (const pki::Certificate& certificate : certificates) text += pki::pem_encode("CERTIFICATE", certificate.der());
  return text;
}

views::Space authority_space() { return {kAuthoritySpace, views::SpaceKind::points}; }
views::PointKey authorities_key() { return {kAuthoritySpace, "all"}; }

Result<NewAuthority> make_root(const AuthorityPlan& plan, Instant now) {
  if (auto checked = check(plan); !checked) return forward(checked);
  auto key = crypto::PrivateKey::generate(plan.key_kind);
  if (!key) return forward(key);
  const std::string identifier = pki::key_identifier(key->public_key().spki());
  const pki::Name subject = distinct_name(plan, "Root CA 1", identifier);
  // A self-signed root may leave its AKI out; Python 3.13 and others that check strictly want it there.
  auto fields = authority_fields(subject, identifier);
  const crypto::KeySigner signer(*key);
  return sign(kRootId, *key, std::move(fields), subject, now - kBackdate, now + plan.root_lifetime, signer);
}

Result<NewAuthority> make_issuing(const AuthorityPlan& plan, const NewAuthority& root, Instant now) {
  if (auto checked = check(plan); !checked) return forward(checked);
  auto key = crypto::PrivateKey::generate(plan.key_kind);
  if (!key) return forward(key);
  auto fields = authority_fields(root.certificate.subject(), root.certificate.subject_key_identifier());
  fields.path_length = 0;
  fields.ca_issuer_urls = {certificate_url(plan.public_url, root.id)};
  fields.crl_urls = {crl_url(plan.public_url, root.id)};
  const pki::Name subject = distinct_name(plan, "Issuing CA 1", pki::key_identifier(key->public_key().spki()));
  const Instant until = std::min(now + plan.issuing_lifetime, root.certificate.not_after());
  const crypto::KeySigner signer(root.key);
  return sign(kIssuingId, *key, std::move(fields), subject, now - kBackdate, until, signer);
}

std::string ocsp_url(std::string_view public_url) { return url(public_url, "/ocsp"); }
std::string crl_url(std::string_view public_url, const AuthorityId& authority) {
  return url(public_url, "/crl/" + authority.text() + ".crl");
}
std::string certificate_url(std::string_view public_url, const AuthorityId& authority) {
  return url(public_url, "/ca/" + authority.text() + ".crt");
}

}  // namespace quicklime::ca
