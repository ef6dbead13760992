#include "pki/certificate.hpp"

#include <limits>

#include "base/work.hpp"
#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/object_identifier.hpp"
#include "pki/pem.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {
constexpr std::uint64_t kVersion3 = 2;

Failure malformed_certificate(std::string detail) {
  return fail(ErrorCode::invalid, "certificate-malformed", std::move(detail), "certificate");
}
// What is no URL of a full name is read past.
std::vector<std::string> read_crl_urls(std::string_view value) {
  constexpr Tag kUri = context(6);
  std::vector<std::string> urls;
  DerReader outer(value);
  auto points = outer.enter(Tag::sequence);
  while (points && !points->empty()) {
    auto point = points->enter(Tag::sequence);
    if (!point) break;
    auto name = point->enter(context_constructed(0));
    auto full_name = name ? name->enter(context_constructed(0)) : std::nullopt;
    while (full_name && !full_name->empty()) {
      const auto one = full_name->any();
      if (!one) break;
      if (one->tag == kUri) urls.emplace_back(one->value);
    }
  }
  return urls;
}

}  // namespace

// RFC 5280 section 4.1:
//   Certificate    ::= SEQUENCE { tbsCertificate, signatureAlgorithm AlgorithmIdentifier, signature BIT STRING }
//   TBSCertificate ::= SEQUENCE { version [0] EXPLICIT INTEGER, serialNumber INTEGER, signature AlgorithmIdentifier, issuer Name,
//                                 validity SEQUENCE { notBefore Time, notAfter Time }, subject Name, subjectPublicKeyInfo,
//                                 issuerUniqueID [1] OPTIONAL, subjectUniqueID [2] OPTIONAL,
//                                 extensions [3] EXPLICIT Extensions OPTIONAL }
Result<Certificate> Certificate::parse(std::string_view der) {
  work::count(work::Kind::certificate);
  DerReader outer(der);
  const auto content = outer.enter(Tag::sequence);
  if (!content) return malformed_certificate("not a certificate in DER");
  if (!outer.empty()) return malformed_certificate("there are bytes behind the certificate");
  const auto document = read_signed(*content);
  if (!document) return malformed_certificate("not a certificate in DER");

  DerReader body(document->body);
  auto fields = body.enter(Tag::sequence);  // TBSCertificate, RFC 5280 section 4.1
  auto version_field = fields ? fields->enter(context_constructed(0)) : std::nullopt;
  const auto version = version_field ? version_field->small_integer() : std::nullopt;
  if (!version || !version_field->empty() || *version != kVersion3) return malformed_certificate("the certificate is not X.509 version 3");
  const auto serial_octets = fields->unsigned_integer();
  if (!serial_octets) return malformed_certificate("the serial number is not a positive INTEGER");
  const auto serial = SerialNumber::from_octets(*serial_octets);
  if (!serial) return malformed_certificate(serial.error().detail);
  const auto algorithm = fields->encoded(Tag::sequence);
  if (!algorithm || *algorithm != document->algorithm)
    return malformed_certificate("the two signature algorithms differ (RFC 5280 section 4.1.1.2)");
  const auto issuer_der = fields->encoded(Tag::sequence);
  auto validity = issuer_der ? fields->enter(Tag::sequence) : std::nullopt;
  const auto not_before = validity ? read_time(*validity) : std::nullopt;
  const auto not_after = not_before ? read_time(*validity) : std::nullopt;
  const auto subject_der = not_after && validity->empty() ? fields->encoded(Tag::sequence) : std::nullopt;
  const auto spki = subject_der ? fields->encoded(Tag::sequence) : std::nullopt;
  if (!spki || !is_spki(*spki)) return malformed_certificate("issuer, validity, subject and public key are not well-formed");
  auto issuer = Name::from_der(*issuer_der);
  if (!issuer) return malformed_certificate("issuer: " + issuer.error().detail);
  auto subject = Name::from_der(*subject_der);
  if (!subject) return malformed_certificate("subject: " + subject.error().detail);

  // Unique identifiers, RFC 5280 section 4.1.2.8: of version 2, read past
  if (fields->next_is(context(1)) && !fields->any()) return malformed_certificate("the issuerUniqueID is not well-formed");
  if (fields->next_is(context(2)) && !fields->any()) return malformed_certificate("the subjectUniqueID is not well-formed");
  Certificate certificate(std::string(der), *serial, std::move(*issuer), std::move(*subject), *not_before, *not_after);
  certificate.spki_ = std::string(*spki);
  if (auto wrapped = fields->enter(context_constructed(3))) {
    const auto list = wrapped->enter(Tag::sequence);
    const auto extensions = list && wrapped->empty() && !list->empty() ? read_extensions(*list) : std::nullopt;
    if (!extensions) return malformed_certificate("the extensions are not a well-formed list in which every extension stands once");
    for (const Extension& extension : *extensions) {
      if (auto read = certificate.read_extension(extension.identifier, extension.value); !read) return forward(std::move(read));
    }
  }
  if (!fields->empty()) return malformed_certificate("there are bytes behind the extensions");
  return certificate;
}

Result<void> Certificate::read_extension(std::string_view identifier, std::string_view value) {
  if (identifier == oid_octets::subject_alternative_name) {
    auto names = decode_alternative_names(value, std::numeric_limits<std::size_t>::max(), OtherKinds::skip);
    if (!names) return malformed_certificate(names.error().detail);
    names_ = std::move(*names);
  } else if (identifier == oid_octets::basic_constraints) {
    const auto constraints = read_basic_constraints(value);
    if (!constraints) return malformed_certificate("basicConstraints are not well-formed");
    is_ca_ = constraints->is_ca;
    path_length_ = constraints->path_length;
  } else if (identifier == oid_octets::extended_key_usage) {
    auto usages = read_extended_key_usage(value);
    if (!usages) return malformed_certificate("extendedKeyUsage is not well-formed");
    extended_key_usages_ = std::move(*usages);
  } else if (identifier == oid_octets::key_usage) {
    if (!read_key_usage(value)) return malformed_certificate("keyUsage is not well-formed");
  } else if (identifier == oid_octets::subject_key_identifier) {
    DerReader reader(value);
    const auto octets = reader.value(Tag::octet_string);
    if (!octets || !reader.empty()) return malformed_certificate("subjectKeyIdentifier is not well-formed");
    subject_key_identifier_ = std::string(*octets);
  } else if (identifier == oid_octets::authority_key_identifier) {
    auto octets = read_authority_key_identifier(value);
    if (!octets) return malformed_certificate("authorityKeyIdentifier is not well-formed");
    authority_key_identifier_ = std::move(*octets);
  } else if (identifier == oid_octets::crl_distribution_points) {
    crl_urls_ = read_crl_urls(value);
  }
  return {};
}

bool Certificate::signed_by(const crypto::PublicKey& issuer_key) const {
  const auto document = read_signed_document(der_);
  return document && document->holds(issuer_key);
}

Result<std::vector<Certificate>> certificates_in(std::string_view pem) {
  const auto blocks = pem_decode(pem);
  if (!blocks) return forward(blocks);
  std::vector<Certificate> certificates;
  for (const PemBlock& block : *blocks) {
    auto certificate = Certificate::parse(block.der);
    if (!certificate) return forward(certificate);
    certificates.push_back(std::move(*certificate));
  }
  return certificates;
}

}  // namespace quicklime::pki
