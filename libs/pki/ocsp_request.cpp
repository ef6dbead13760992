#include "base/work.hpp"
#include "crypto/hash.hpp"
#include "pki/der.hpp"
#include "pki/object_identifier.hpp"
#include "pki/ocsp.hpp"
#include "pki/ocsp_cert_id.hpp"
#include "pki/signed_object.hpp"

namespace quicklime::pki {
namespace {
constexpr std::size_t kMaximumCertIds = 32;
constexpr std::size_t kMaximumNonce = 128;  // RFC 9654 section 2.1

// Nonce ::= OCTET STRING (SIZE(1..128)), or its octets alone.
bool is_nonce(std::string_view value) {
  DerReader reader(value);
  const auto octets = reader.value(Tag::octet_string);
  const std::string_view nonce = octets && reader.empty() ? *octets : value;
  return !nonce.empty() && nonce.size() <= kMaximumNonce;
}

bool has_unknown_critical(const std::vector<Extension>& extensions) {
  for (const Extension& extension : extensions) {
    const bool known = extension.identifier == oid_octets::ocsp_nonce || extension.identifier == oid_octets::ocsp_response ||
                       extension.identifier == oid_octets::ocsp_service_locator;
    if (extension.critical && !known) return true;
  }
  return false;
}

std::optional<std::vector<Extension>> read_wrapped_extensions(DerReader& fields, unsigned number) {
  auto wrapped = fields.enter(context_constructed(number));
  const auto list = wrapped ? wrapped->enter(Tag::sequence) : std::nullopt;
  auto extensions = list && wrapped->empty() ? read_extensions(*list) : std::nullopt;
  if (extensions && has_unknown_critical(*extensions)) return std::nullopt;
  return extensions;
}

// Signature ::= SEQUENCE { AlgorithmIdentifier, BIT STRING, [0] certs OPTIONAL }; looked at, not checked.
bool is_signature(DerReader wrapped) {
  auto fields = wrapped.enter(Tag::sequence);
  if (!fields || !wrapped.empty() || !fields->enter(Tag::sequence) || !fields->value(Tag::bit_string)) return false;
  return fields->empty() || (fields->value(context_constructed(0)) && fields->empty());
}
}  // namespace

std::optional<OcspCertId> read_cert_id(DerReader& reader) {
  DerReader ahead = reader;
  const auto encoded = ahead.encoded(Tag::sequence);
  auto fields = reader.enter(Tag::sequence);
  auto algorithm = fields ? fields->enter(Tag::sequence) : std::nullopt;
  const auto identifier = algorithm ? algorithm->value(Tag::object_identifier) : std::nullopt;
  if (!identifier || !is_oid(*identifier)) return std::nullopt;
  if (!algorithm->empty()) {  // parameters: NULL, or absent
    const auto null = algorithm->value(Tag::null);
    if (!null || !null->empty() || !algorithm->empty()) return std::nullopt;
  }
  const OcspHash hash = *identifier == oid_octets::sha1     ? OcspHash::sha1
                        : *identifier == oid_octets::sha256 ? OcspHash::sha256
                                                            : OcspHash::other;
  const auto name_hash = fields->value(Tag::octet_string);
  const auto key_hash = name_hash ? fields->value(Tag::octet_string) : std::nullopt;
  const auto octets = key_hash ? fields->unsigned_integer() : std::nullopt;
  if (!octets || !fields->empty()) return std::nullopt;
  const std::size_t size = hash == OcspHash::sha1 ? 20 : hash == OcspHash::sha256 ? 32 : name_hash->size();
  if (name_hash->size() != size || key_hash->size() != size) return std::nullopt;
  const auto serial = SerialNumber::from_octets(*octets);
  if (!serial) return std::nullopt;
  return OcspCertId{hash, std::string(*name_hash), std::string(*key_hash), *serial, std::string(*encoded)};
}

Result<OcspRequest> OcspRequest::parse(std::string_view der) {
  work::count(work::Kind::ocsp_request);
  DerReader outer(der);
  auto request = outer.enter(Tag::sequence);  // OCSPRequest, RFC 6960 section 4.1.1
  if (!request || !outer.empty()) return malformed_ocsp("not an OCSPRequest in DER, or bytes behind it");
  auto body = request->enter(Tag::sequence);
  if (!body) return malformed_ocsp("the TBSRequest is not well-formed");
  if (!request->empty()) {
    const auto signature = request->enter(context_constructed(0));
    if (!signature || !is_signature(*signature) || !request->empty()) return malformed_ocsp("the signature is not well-formed");
  }
  if (body->next_is(context_constructed(0))) {
    auto wrapped = body->enter(context_constructed(0));
    const auto version = wrapped ? wrapped->small_integer() : std::nullopt;
    if (!version || !wrapped->empty() || *version != 0) return malformed_ocsp("the version is not 1");
  }
  if (body->next_is(context_constructed(1)) && !body->any()) return malformed_ocsp("the requestorName is not well-formed");

  OcspRequest parsed;
  auto list = body->enter(Tag::sequence);
  if (!list || list->empty()) return malformed_ocsp("there is no CertID in the request");
  while (!list->empty()) {
    auto fields = list->enter(Tag::sequence);
    auto id = fields ? read_cert_id(*fields) : std::nullopt;
    if (!id) return malformed_ocsp("a CertID is not well-formed");
    if (!fields->empty() && (!read_wrapped_extensions(*fields, 0) || !fields->empty())) {
      return malformed_ocsp("the extensions of a request are not well-formed, or critical and unknown");
    }
    if (parsed.cert_ids.size() == kMaximumCertIds) return malformed_ocsp("more than 32 CertIDs in one request");
    parsed.cert_ids.push_back(std::move(*id));
  }
  if (!body->empty()) {
    const auto extensions = read_wrapped_extensions(*body, 2);
    if (!extensions || !body->empty()) return malformed_ocsp("the request extensions are not well-formed, or critical and unknown");
    for (const Extension& extension : *extensions) {
      if (extension.identifier != oid_octets::ocsp_nonce) continue;
      if (!is_nonce(extension.value)) return malformed_ocsp("the nonce does not have 1 to 128 octets");
      parsed.nonce = std::string(extension.value);
    }
  }
  return parsed;
}

std::string OcspRequest::make(const Certificate& issuer, const SerialNumber& serial, OcspHash hash, std::string_view nonce) {
  const OcspIssuer identity = OcspIssuer::of(issuer);
  const bool is_sha1 = hash == OcspHash::sha1;
  std::string algorithm = pki::der(Tag::object_identifier, is_sha1 ? oid_octets::sha1 : oid_octets::sha256);
  append_der(algorithm, Tag::null, {});
  std::string id = pki::der(Tag::sequence, algorithm);
  append_der(id, Tag::octet_string, is_sha1 ? identity.name_sha1 : identity.name_sha256);
  append_der(id, Tag::octet_string, is_sha1 ? identity.key_sha1 : identity.key_sha256);
  id += der_integer(serial.octets());
  std::string body = pki::der(Tag::sequence, pki::der(Tag::sequence, pki::der(Tag::sequence, id)));
  if (!nonce.empty()) body += nonce_extension(2, pki::der(Tag::octet_string, nonce));
  return pki::der(Tag::sequence, pki::der(Tag::sequence, body));
}

OcspIssuer OcspIssuer::of(const Certificate& issuer) {
  DerReader outer(issuer.spki());
  auto fields = outer.enter(Tag::sequence);
  const auto key = fields && fields->encoded(Tag::sequence) ? fields->bit_string() : std::nullopt;
  const std::string_view name = issuer.subject().der();
  const std::string_view bits = key.value_or(std::string_view());
  return {std::string(crypto::view(crypto::sha1(name))), std::string(crypto::view(crypto::sha1(bits))),
          std::string(crypto::view(crypto::sha256(name))), std::string(crypto::view(crypto::sha256(bits)))};
}

bool OcspIssuer::matches(const OcspCertId& id) const {
  switch (id.hash) {
    case OcspHash::sha1: return id.issuer_name_hash == name_sha1 && id.issuer_key_hash == key_sha1;
    case OcspHash::sha256: return id.issuer_name_hash == name_sha256 && id.issuer_key_hash == key_sha256;
    case OcspHash::other: return false;
  }
  return false;
}

}  // namespace quicklime::pki
