#include "pki/csr.hpp"

#include <algorithm>
#include <array>

#include "base/work.hpp"
#include "pki/der.hpp"
#include "pki/object_identifier.hpp"
#include "pki/signed_object.hpp"
#include "pki/text.hpp"

namespace quicklime::pki {
namespace {
constexpr Tag kAttributesTag = context_constructed(0);
constexpr std::size_t kCommonNameLimit = 64;  // ub-common-name, RFC 5280 appendix A.1

Failure malformed_csr(std::string detail) { return fail(ErrorCode::invalid, "csr-malformed", std::move(detail), "csr"); }
Failure refused_extension(std::string detail) {
  return fail(ErrorCode::invalid, "csr-extension", std::move(detail), "csr.extensionRequest");
}

template <class T>
Failure in_field(Result<T>&& failed, std::string field) {
  Error error = std::move(failed).error();
  error.field = std::move(field);
  return fail(std::move(error));
}

struct Asked {
  std::vector<AlternativeName> names;
  std::vector<std::string> extended_key_usages;
  unsigned key_usages = 0;
  bool for_ca = false;
};

// What Windows' certreq and IIS add of themselves: names of a template in another CA, what its e-mail programs can do. Nothing of it
// enters a certificate here.
bool is_read_past(std::string_view identifier) {
  static const std::array<std::string, 4> kIdentifiers{
      oid_content("1.2.840.113549.1.9.15"),  // sMIMECapabilities, RFC 8551 section 2.5.2
      oid_content("1.3.6.1.4.1.311.20.2"),   // szOID_ENROLL_CERTTYPE_EXTENSION
      oid_content("1.3.6.1.4.1.311.21.7"),   // szOID_CERTIFICATE_TEMPLATE
      oid_content("1.3.6.1.4.1.311.21.10"),  // szOID_APPLICATION_CERT_POLICIES
  };
  return std::find(kIdentifiers.begin(), kIdentifiers.end(), identifier) != kIdentifiers.end();
}

Result<void> read_extension(const Extension& extension, Asked& asked) {
  if (extension.identifier == oid_octets::subject_alternative_name) {
    auto names = decode_alternative_names(extension.value);
    if (!names) return in_field(std::move(names), "csr.subjectAltName");
    asked.names = std::move(*names);
  } else if (extension.identifier == oid_octets::extended_key_usage) {
    auto usages = read_extended_key_usage(extension.value);
    if (!usages) return refused_extension("the extendedKeyUsage asked for is not well-formed");
    asked.extended_key_usages = std::move(*usages);
  } else if (extension.identifier == oid_octets::basic_constraints) {
    const auto constraints = read_basic_constraints(extension.value);
    if (!constraints) return refused_extension("the basicConstraints asked for are not well-formed");
    asked.for_ca = constraints->is_ca;
  } else if (extension.identifier == oid_octets::key_usage) {
    const auto usages = read_key_usage(extension.value);
    if (!usages) return refused_extension("the keyUsage asked for is not well-formed");
    asked.key_usages = *usages;
  } else if (extension.identifier == oid_octets::subject_key_identifier) {
    DerReader value(extension.value);  // read, not used: the CA derives it from the key
    if (!value.value(Tag::octet_string) || !value.empty()) {
      return refused_extension("the subjectKeyIdentifier asked for is not well-formed");
    }
  } else if (extension.critical || !is_read_past(extension.identifier)) {
    return refused_extension("the CSR asks for the extension " + oid_text(extension.identifier) +
                             "; it may ask for subjectAltName, keyUsage, extendedKeyUsage, basicConstraints, subjectKeyIdentifier");
  }
  return {};
}

// Attributes, RFC 2986 section 4.1. Only extensionRequest (RFC 2985 section 5.4.2) asks for anything;
// challenge passwords and what Windows says of itself are read past.
Result<Asked> read_attributes(DerReader attributes) {
  Asked asked;
  bool seen = false;
  while (!attributes.empty()) {
    auto attribute = attributes.enter(Tag::sequence);
    const auto identifier = attribute ? attribute->value(Tag::object_identifier) : std::nullopt;
    auto values = identifier ? attribute->enter(Tag::set) : std::nullopt;
    if (!values || !is_oid(*identifier) || !attribute->empty()) return malformed_csr("an attribute of the CSR is not well-formed DER");
    if (*identifier == oid_octets::microsoft_extension_request) {
      return refused_extension("the CSR asks by Microsoft's old attribute; ask by extensionRequest (RFC 2985)");
    }
    if (*identifier != oid_octets::extension_request) {
      while (!values->empty()) {
        if (!values->any()) return malformed_csr("an attribute of the CSR is not well-formed DER");
      }
      continue;
    }
    const auto list = values->enter(Tag::sequence);
    const auto extensions = list ? read_extensions(*list) : std::nullopt;
    if (seen || !extensions || !values->empty()) {
      return refused_extension("the extensionRequest is not one well-formed list in which every extension stands once");
    }
    seen = true;
    for (const Extension& extension : *extensions) {
      auto read = read_extension(extension, asked);
      if (!read) return forward(std::move(read));
    }
  }
  return asked;
}
}  // namespace

Result<Csr> Csr::parse(std::string_view der) {
  work::count(work::Kind::csr);
  DerReader outer(der);
  const auto content = outer.enter(Tag::sequence);
  if (!content) return malformed_csr("the CSR is not a PKCS#10 CertificationRequest in DER");
  if (!outer.empty()) return malformed_csr("there are bytes behind the CSR");
  const auto document = read_signed(*content);
  if (!document) return malformed_csr("the CSR is not a PKCS#10 CertificationRequest in DER");

  DerReader body(document->body);
  auto fields = body.enter(Tag::sequence);  // CertificationRequestInfo, RFC 2986 section 4.1
  const auto version = fields ? fields->small_integer() : std::nullopt;
  const auto subject_der = version ? fields->encoded(Tag::sequence) : std::nullopt;
  const auto spki = subject_der ? fields->encoded(Tag::sequence) : std::nullopt;
  if (!spki) return malformed_csr("the CSR has no version, subject and public key in DER");
  if (*version != 0) {
    return malformed_csr("the CSR says version " + std::to_string(*version) + "; PKCS#10 has version 0, which is called v1, and no other");
  }
  // Some leave an empty set of attributes out.
  const auto attributes = fields->empty() ? std::optional(DerReader(std::string_view())) : fields->enter(kAttributesTag);
  if (!attributes || !fields->empty()) return malformed_csr("behind the public key of the CSR stands something other than its attributes");

  auto subject = Name::from_der(*subject_der);
  if (!subject) return in_field(std::move(subject), "csr.subject");
  if (count_characters(subject->common_name()) > kCommonNameLimit) {
    return fail(ErrorCode::invalid, "name-malformed", "the common name is longer than 64 characters; put the name into subjectAltName",
                "csr.subject");
  }
  auto asked = read_attributes(*attributes);
  if (!asked) return forward(std::move(asked));

  auto key = crypto::PublicKey::from_spki(*spki);
  if (!key) return in_field(std::move(key), "csr.subjectPublicKeyInfo");
  if (!read_algorithm_identifier(document->algorithm)) {
    return fail(ErrorCode::invalid, "csr-signature",
                "the CSR is signed with an unknown algorithm; sign with ECDSA or RSA (PKCS#1 v1.5) and SHA-256", "csr.signature");
  }
  if (!document->holds(*key)) {
    return fail(ErrorCode::invalid, "csr-signature", "the CSR is not signed by the key that it names", "csr.signature");
  }
  Csr csr(std::string(der), std::move(*subject), std::move(*key));
  csr.names_ = std::move(asked->names);
  csr.extended_key_usages_ = std::move(asked->extended_key_usages);
  csr.key_usages_ = asked->key_usages;
  csr.asks_for_ca_ = asked->for_ca;
  return csr;
}

std::string_view Csr::info() const {
  DerReader outer(der_);
  return outer.enter(Tag::sequence)->encoded(Tag::sequence).value();  // as parse has found it
}

Result<Csr> Csr::make(const Name& subject, const std::vector<AlternativeName>& names, const crypto::PrivateKey& key) {
  std::string attributes;
  if (!names.empty()) {
    std::string extensions;
    append_extension(extensions, oid_octets::subject_alternative_name, subject.is_empty() ? Critical::yes : Critical::no,
                     encode_alternative_names(names));
    std::string attribute = pki::der(Tag::object_identifier, oid_octets::extension_request);
    append_der(attribute, Tag::set, pki::der(Tag::sequence, extensions));
    append_der(attributes, Tag::sequence, attribute);
  }
  std::string fields = der_integer(0) + subject.der() + key.public_key().spki();
  append_der(fields, kAttributesTag, attributes);
  auto der = sign_body(pki::der(Tag::sequence, fields), crypto::KeySigner(key));
  if (!der) return forward(std::move(der));
  return parse(*der);
}

}  // namespace quicklime::pki
