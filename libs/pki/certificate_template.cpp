#include <algorithm>

#include "pki/certificate.hpp"
#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/object_identifier.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {
constexpr Tag kUri = context(6);                                    // uniformResourceIdentifier of GeneralName
constexpr std::string_view kNoIdentifier = "....................";  // as long as key_identifier() is
constexpr std::size_t kLongestValidity = 2 + 17 + 17;               // of two GeneralizedTimes

void append_names(std::string& extensions, const CertificateTemplate::Subject& subject) {
  if (subject.names.empty()) return;
  append_extension(extensions, oid_octets::subject_alternative_name, subject.subject.is_empty() ? Critical::yes : Critical::no,
                   encode_alternative_names(subject.names));
}

std::string key_usage_value(const std::vector<KeyUsage>& usages) {
  unsigned bits = 0;
  for (const KeyUsage usage : usages) bits |= 0x80U >> static_cast<unsigned>(usage);
  unsigned unused = 0;  // a named bit list ends with a one, X.690 section 11.2.2
  while (unused < 7 && ((bits >> unused) & 1U) == 0) ++unused;
  const std::string content{static_cast<char>(unused), static_cast<char>(bits)};
  return der(Tag::bit_string, content);
}

std::string basic_constraints_value(std::optional<unsigned> path_length) {
  std::string fields = der_boolean_true();
  if (path_length) fields += der_integer(*path_length);
  return der(Tag::sequence, fields);
}

std::string extended_key_usage_value(const std::vector<std::string>& usages) {
  std::string list;
  for (const std::string& usage : usages) append_der(list, Tag::object_identifier, oid_content(usage));
  return der(Tag::sequence, list);
}

// AuthorityInfoAccessSyntax, RFC 5280 section 4.2.2.1
std::string authority_information_access_value(const CertificateTemplate::Fields& fields) {
  std::string list;
  const auto add = [&list](std::string_view method, const std::string& url) {
    append_der(list, Tag::sequence, der(Tag::object_identifier, method) + der(kUri, url));
  };
  for (const std::string& url : fields.ocsp_urls) add(oid_octets::ad_ocsp, url);
  for (const std::string& url : fields.ca_issuer_urls) add(oid_octets::ad_ca_issuers, url);
  return der(Tag::sequence, list);
}

// CRLDistributionPoints with one point, RFC 5280 section 4.2.1.13
std::string crl_distribution_points_value(const std::vector<std::string>& urls) {
  std::string names;
  for (const std::string& url : urls) append_der(names, kUri, url);
  const std::string full_name = der(context_constructed(0), names);
  return der(Tag::sequence, der(Tag::sequence, der(context_constructed(0), full_name)));
}
}  // namespace

CertificateTemplate::CertificateTemplate(const Fields& fields)
    : algorithm_(fields.signature_algorithm), self_signed_(fields.is_ca && fields.authority_key_identifier.empty()) {
  version_ = der(context_constructed(0), der_integer(2));
  algorithm_and_issuer_ = std::string(algorithm_identifier(algorithm_)) + fields.issuer.der();
  if (fields.is_ca)
    append_extension(extensions_, oid_octets::basic_constraints, Critical::yes, basic_constraints_value(fields.path_length));
  if (!fields.key_usages.empty()) append_extension(extensions_, oid_octets::key_usage, Critical::yes, key_usage_value(fields.key_usages));
  if (!fields.extended_key_usages.empty()) {
    append_extension(extensions_, oid_octets::extended_key_usage, fields.critical_extended_key_usage ? Critical::yes : Critical::no,
                     extended_key_usage_value(fields.extended_key_usages));
  }
  if (!fields.authority_key_identifier.empty()) {
    append_extension(extensions_, oid_octets::authority_key_identifier, Critical::no,
                     authority_key_identifier_value(fields.authority_key_identifier));
  }
  if (!fields.ocsp_urls.empty() || !fields.ca_issuer_urls.empty()) {
    append_extension(extensions_, oid_octets::authority_information_access, Critical::no, authority_information_access_value(fields));
  }
  if (!fields.crl_urls.empty()) {
    append_extension(extensions_, oid_octets::crl_distribution_points, Critical::no, crl_distribution_points_value(fields.crl_urls));
  }
  if (fields.ocsp_no_check) append_extension(extensions_, oid_octets::ocsp_no_check, Critical::no, der(Tag::null, {}));
}

std::string CertificateTemplate::body(const Subject& subject) const {
  std::string varying;  // the extensions that differ
  const std::string identifier = key_identifier(subject.spki);
  append_extension(varying, oid_octets::subject_key_identifier, Critical::no, der(Tag::octet_string, identifier));
  // Strict verifiers want it in a root too, where it names the root's own key.
  if (self_signed_) {
    append_extension(varying, oid_octets::authority_key_identifier, Critical::no, authority_key_identifier_value(identifier));
  }
  append_names(varying, subject);
  std::string validity;
  append_time(validity, subject.not_before);
  append_time(validity, subject.not_after);

  const std::string serial = der_integer(subject.serial.octets());
  const std::string validity_header = der_header(Tag::sequence, validity.size());
  const std::size_t extensions_size = extensions_.size() + varying.size();
  const std::string list_header = der_header(Tag::sequence, extensions_size);
  const std::string extensions_header = der_header(context_constructed(3), list_header.size() + extensions_size);
  const std::size_t size = version_.size() + serial.size() + algorithm_and_issuer_.size() + validity_header.size() + validity.size() +
                           subject.subject.der().size() + subject.spki.size() + extensions_header.size() + list_header.size() +
                           extensions_size;
  std::string body = der_header(Tag::sequence, size);
  body.reserve(body.size() + size);
  body += version_;
  body += serial;
  body += algorithm_and_issuer_;
  body += validity_header;
  body += validity;
  body += subject.subject.der();
  body += subject.spki;
  body += extensions_header;
  body += list_header;
  body += extensions_;
  body += varying;
  return body;
}

Result<std::string> CertificateTemplate::sign(const Subject& subject, const crypto::Signer& signer, const Rules& rules) const {
  if (signer.algorithm() != algorithm_) {
    return fail(ErrorCode::internal, "signer-mismatch",
                "the template is for " + std::string(name(algorithm_)) + ", the signer is " + std::string(name(signer.algorithm())));
  }
  const std::string body = this->body(subject);
  const auto linted = lint_certificate(body);
  if (!linted) return forward(linted);
  if (rules) {
    if (auto held = rules(*linted); !held) return forward(held);
  }
  return sign_body(body, signer);
}

std::size_t CertificateTemplate::size_bound(const Subject& subject) const {
  // As body() writes it, without the hash that the key identifier is.
  std::string varying;
  append_extension(varying, oid_octets::subject_key_identifier, Critical::no, der(Tag::octet_string, kNoIdentifier));
  if (self_signed_) {
    append_extension(varying, oid_octets::authority_key_identifier, Critical::no, authority_key_identifier_value(kNoIdentifier));
  }
  append_names(varying, subject);
  const auto with_header = [](std::size_t size) { return der_header(Tag::sequence, size).size() + size; };
  const std::size_t body = version_.size() + der_integer(subject.serial.octets()).size() + algorithm_and_issuer_.size() + kLongestValidity +
                           subject.subject.der().size() + subject.spki.size() +
                           with_header(with_header(extensions_.size() + varying.size()));
  const std::string longest(crypto::longest_signature(algorithm_), '\0');
  return with_header(with_header(body) + signature_part(algorithm_, longest).size());
}

std::string key_identifier(std::string_view spki) {
  DerReader outer(spki);
  auto fields = outer.enter(Tag::sequence);
  const auto bits = fields && fields->encoded(Tag::sequence) ? fields->bit_string() : std::nullopt;
  const auto digest = crypto::sha256(bits.value_or(spki));
  return std::string(crypto::view(digest).substr(0, 20));
}

}  // namespace quicklime::pki
