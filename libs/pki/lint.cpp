#include "pki/lint.hpp"

#include <algorithm>
#include <array>

#include "pki/der.hpp"
#include "pki/der_time.hpp"
#include "pki/name_constraints.hpp"
#include "pki/object_identifier.hpp"
#include "pki/text.hpp"
#include "pki/usages.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_view_literals;

// What is wrong, before it is an Error: texts that stand in the program, so that what is right costs nothing.
struct Broken {
  std::string_view rule;
  std::string_view why;
};
using Fault = std::optional<Broken>;

struct AttributeRule {
  std::string_view type;
  std::size_t longest;  // characters, RFC 5280 appendix A.1
  bool printable;       // PrintableString alone
};
constexpr std::array kAttributeRules{
    AttributeRule{"\x55\x04\x03"sv, 64, false},   // CN
    AttributeRule{"\x55\x04\x0A"sv, 64, false},   // O
    AttributeRule{"\x55\x04\x0B"sv, 64, false},   // OU
    AttributeRule{"\x55\x04\x07"sv, 128, false},  // L
    AttributeRule{"\x55\x04\x08"sv, 128, false},  // ST
    AttributeRule{"\x55\x04\x06"sv, 2, true},     // C
    AttributeRule{"\x55\x04\x05"sv, 64, true},    // serialNumber
    AttributeRule{"\x55\x04\x0C"sv, 64, false},   // title
};
constexpr std::string_view kCountry = "\x55\x04\x06"sv;
constexpr std::string_view kEmailAddress = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01"sv;

Fault lint_attribute(std::string_view type, const DerReader::Element& value) {
  constexpr std::string_view kRule = "rfc5280-4.1.2.6";
  if (value.value.empty()) return Broken{kRule, "an attribute of the subject is empty"};
  if (type == kEmailAddress && value.tag != Tag::ia5_string) return Broken{kRule, "emailAddress is an IA5String"};
  for (const AttributeRule& rule : kAttributeRules) {
    if (rule.type != type) continue;
    if (rule.printable && value.tag != Tag::printable_string) return Broken{kRule, "countryName and serialNumber are PrintableStrings"};
    if (!rule.printable && value.tag != Tag::utf8_string && value.tag != Tag::printable_string) {
      return Broken{kRule, "an attribute of the subject is neither a UTF8String nor a PrintableString"};
    }
    if (count_characters(value.value) > rule.longest) return Broken{kRule, "an attribute of the subject is longer than RFC 5280 allows"};
    const bool letters = std::all_of(value.value.begin(), value.value.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
    if (type == kCountry && (value.value.size() != 2 || !letters)) return Broken{kRule, "countryName is two capital letters (ISO 3166)"};
  }
  return std::nullopt;
}

Fault lint_subject(std::string_view name) {
  constexpr Broken kMalformed{"rfc5280-4.1.2.6", "the subject is not a Name in DER"};
  DerReader outer(name);
  auto rdns = outer.enter(Tag::sequence);
  while (rdns && !rdns->empty()) {
    auto rdn = rdns->enter(Tag::set);
    if (!rdn || rdn->empty()) return kMalformed;
    while (!rdn->empty()) {
      auto attribute = rdn->enter(Tag::sequence);
      const auto type = attribute ? attribute->value(Tag::object_identifier) : std::nullopt;
      const auto value = type ? attribute->any() : std::nullopt;
      if (!value || !attribute->empty()) return kMalformed;
      if (auto fault = lint_attribute(*type, *value)) return fault;
    }
  }
  return rdns ? std::nullopt : Fault(kMalformed);
}

bool is_empty_name(std::string_view name) { return name.size() == 2; }
bool is_printable_ascii(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7F; });
}

Fault lint_names(std::string_view value, Linted& linted) {
  constexpr std::string_view kRule = "rfc5280-4.2.1.6";
  DerReader outer(value);
  auto names = outer.enter(Tag::sequence);
  if (!names || !outer.empty() || names->empty()) return Broken{kRule, "subjectAltName is empty or not well-formed"};
  linted.names = names->rest();
  while (!names->empty()) {
    const auto name = names->any();
    if (!name) return Broken{kRule, "subjectAltName is not well-formed"};
    const bool text = name->tag == context(1) || name->tag == context(2) || name->tag == context(6);
    if (text && !is_printable_ascii(name->value)) return Broken{kRule, "a name is empty, or has characters that an IA5String name has not"};
    if (name->tag == context(7) && name->value.size() != 4 && name->value.size() != 16)
      return Broken{kRule, "an address has 4 or 16 octets"};
    if (!text && name->tag != context(7) && name->tag != context_constructed(0)) return Broken{kRule, "a name is of no kind that is given"};
  }
  return std::nullopt;
}

// URLs of cRLDistributionPoints and authorityInfoAccess: absolute, of HTTP (RFC 5280 sections 4.2.1.13 and 4.2.2.1).
bool are_urls(DerReader list, int depth) {
  while (!list.empty()) {
    const auto element = list.any();
    if (!element) return false;
    if (element->tag == context(6)) {
      if (!is_printable_ascii(element->value) || (!element->value.starts_with("http://") && !element->value.starts_with("https://")))
        return false;
    } else if ((static_cast<unsigned>(element->tag) & 0x20U) != 0) {
      if (depth == 0 || !are_urls(DerReader(element->value), depth - 1)) return false;
    }
  }
  return true;
}

Fault lint_constraints(const DerReader& value, bool critical, Linted& linted) {
  constexpr std::string_view kRule = "rfc5280-4.2.1.9";
  DerReader outer = value;
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty()) return Broken{kRule, "basicConstraints are not well-formed"};
  if (fields->next_is(Tag::boolean)) linted.is_ca = fields->boolean().value_or(false);
  if (!fields->empty()) {
    linted.path_length = fields->small_integer();
    if (!linted.path_length || !linted.is_ca || !fields->empty()) return Broken{kRule, "a path length stands beside cA alone"};
  }
  if (linted.is_ca && !critical) return Broken{kRule, "basicConstraints of an authority are critical"};
  return std::nullopt;
}

Fault lint_key_usage(std::string_view value, bool critical, Linted& linted) {
  constexpr std::string_view kRule = "rfc5280-4.2.1.3";
  DerReader outer(value);
  const auto content = outer.value(Tag::bit_string);
  if (!content || !outer.empty() || content->size() != 2) return Broken{kRule, "keyUsage is not well-formed"};
  const auto bits = static_cast<unsigned char>((*content)[1]);
  for (unsigned at = 0; at < 8; ++at) {
    if ((bits & (0x80U >> at)) != 0) linted.key_usages |= 1U << at;
  }
  if (linted.key_usages == 0) return Broken{kRule, "keyUsage has no bit set"};
  if (!critical) return Broken{kRule, "keyUsage is critical"};
  return std::nullopt;
}

struct Seen {
  bool key_identifier = false, no_check = false, names_critical = false, name_constraints = false;
};

Fault lint_extension(std::string_view identifier, bool critical, std::string_view value, Linted& linted, Seen& seen) {
  if (identifier == oid_octets::key_usage) return lint_key_usage(value, critical, linted);
  if (identifier == oid_octets::basic_constraints) return lint_constraints(DerReader(value), critical, linted);
  if (identifier == oid_octets::subject_alternative_name) {
    seen.names_critical = critical;
    return lint_names(value, linted);
  }
  if (identifier == oid_octets::extended_key_usage) {
    DerReader outer(value);
    const auto usages = outer.enter(Tag::sequence);
    if (!usages || !outer.empty() || usages->empty()) return Broken{"rfc5280-4.2.1.12", "extendedKeyUsage is empty or not well-formed"};
    linted.extended_key_usages = usages->rest();
    linted.critical_extended_key_usage = critical;
    return std::nullopt;
  }
  if (identifier == oid_octets::name_constraints) {
    if (!critical) return Broken{"rfc5280-4.2.1.10", "nameConstraints are critical"};
    if (!NameConstraints::from_der(value)) return Broken{"rfc5280-4.2.1.10", "nameConstraints are not well-formed"};
    seen.name_constraints = true;
    return std::nullopt;
  }
  if (critical) return Broken{"rfc5280-4.2", "an extension is critical that must not be"};
  if (identifier == oid_octets::subject_key_identifier) {
    DerReader outer(value);
    const auto octets = outer.value(Tag::octet_string);
    if (!octets || octets->empty() || !outer.empty()) return Broken{"rfc5280-4.2.1.2", "subjectKeyIdentifier is not well-formed"};
    seen.key_identifier = true;
  } else if (identifier == oid_octets::authority_key_identifier) {
    DerReader outer(value);
    auto fields = outer.enter(Tag::sequence);
    const auto octets = fields ? fields->value(context(0)) : std::nullopt;
    if (!octets || octets->empty()) return Broken{"rfc5280-4.2.1.1", "authorityKeyIdentifier has no keyIdentifier"};
    linted.authority_key_identifier = *octets;
  } else if (identifier == oid_octets::crl_distribution_points) {
    if (!are_urls(DerReader(value), 5))
      return Broken{"rfc5280-4.2.1.13", "a URL of cRLDistributionPoints is not one of HTTP: set public_url"};
  } else if (identifier == oid_octets::authority_information_access) {
    if (!are_urls(DerReader(value), 5)) return Broken{"rfc5280-4.2.2.1", "a URL of authorityInfoAccess is not one of HTTP: set public_url"};
  } else if (identifier == oid_octets::ocsp_no_check) {
    seen.no_check = true;
  }
  return std::nullopt;
}

// Those that stand in the order in which they are written are at most ten; more than 16 are not ours.
Fault lint_extensions(DerReader list, Linted& linted, Seen& seen) {
  std::array<std::string_view, 16> before;
  std::size_t count = 0;
  while (!list.empty()) {
    auto fields = list.enter(Tag::sequence);
    const auto identifier = fields ? fields->value(Tag::object_identifier) : std::nullopt;
    if (!identifier) return Broken{"rfc5280-4.2", "the extensions are not well-formed"};
    const bool critical = fields->next_is(Tag::boolean);
    if (critical && !fields->boolean().value_or(false))
      return Broken{"rfc5280-4.2", "an extension says that it is not critical (X.690 11.5)"};
    const auto value = fields->value(Tag::octet_string);
    if (!value || !fields->empty() || count == before.size()) return Broken{"rfc5280-4.2", "the extensions are not well-formed"};
    const auto known = before.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::find(before.begin(), known, *identifier) != known) return Broken{"rfc5280-4.2", "an extension stands twice"};
    before.at(count++) = *identifier;
    if (auto fault = lint_extension(*identifier, critical, *value, linted, seen)) return fault;
  }
  return std::nullopt;
}

bool has_usage(std::string_view usages, std::string_view content) {
  DerReader list(usages);
  while (!list.empty()) {
    const auto one = list.value(Tag::object_identifier);
    if (!one) return false;
    if (*one == content) return true;
  }
  return false;
}

constexpr std::string_view kTimeStamping = "\x2B\x06\x01\x05\x05\x07\x03\x08"sv, kOcspSigning = "\x2B\x06\x01\x05\x05\x07\x03\x09"sv;

// What holds between the parts.
Fault lint_whole(const Linted& linted, const Seen& seen) {
  const unsigned usages = linted.key_usages;
  const bool signs_certificates = (usages & bit(KeyUsage::key_cert_sign)) != 0;
  if (!linted.family) return Broken{"rfc5280-4.1.2.7", "the public key is of a kind that is not known here"};
  if (!seen.key_identifier) return Broken{"rfc5280-4.2.1.2", "there is no subjectKeyIdentifier"};
  if (linted.authority_key_identifier.empty()) return Broken{"rfc5280-4.2.1.1", "there is no authorityKeyIdentifier"};
  if (usages == 0) return Broken{"rfc5280-4.2.1.3", "there is no keyUsage"};
  if (signs_certificates != linted.is_ca) return Broken{"rfc5280-4.2.1.9", "keyCertSign and cA stand together or not at all"};
  if (seen.name_constraints && !linted.is_ca)
    return Broken{"rfc5280-4.2.1.10", "nameConstraints stand in the certificate of an authority alone"};
  if (linted.is_ca && is_empty_name(linted.subject)) return Broken{"rfc5280-4.1.2.6", "an authority has no subject"};
  if (is_empty_name(linted.subject) && (linted.names.empty() || !seen.names_critical)) {
    return Broken{"rfc5280-4.2.1.6", "without a subject subjectAltName stands there and is critical"};
  }
  const unsigned enciphering = bit(KeyUsage::key_encipherment) | bit(KeyUsage::data_encipherment);
  if (*linted.family != crypto::KeyFamily::rsa && (usages & enciphering) != 0) {
    return Broken{"rfc8813-3", "a key that is not RSA enciphers nothing: no keyEncipherment, no dataEncipherment"};
  }
  if (*linted.family != crypto::KeyFamily::ec && (usages & bit(KeyUsage::key_agreement)) != 0) {
    return Broken{"rfc8410-5", "an RSA or Ed25519 key agrees on nothing: no keyAgreement"};
  }
  if (has_usage(linted.extended_key_usages, kTimeStamping)) {
    const bool alone = linted.extended_key_usages.size() == kTimeStamping.size() + 2;
    if (!alone || !linted.critical_extended_key_usage)
      return Broken{"rfc3161-2.3", "timeStamping is the one extended key usage, and critical"};
  }
  if (seen.no_check && !has_usage(linted.extended_key_usages, kOcspSigning)) {
    return Broken{"rfc6960-4.2.2.2.1", "id-pkix-ocsp-nocheck stands in a responder's certificate alone"};
  }
  return std::nullopt;
}

std::optional<crypto::KeyFamily> family_of(std::string_view spki) {
  DerReader outer(spki);
  auto fields = outer.enter(Tag::sequence);
  const auto algorithm = fields ? fields->encoded(Tag::sequence) : std::nullopt;
  if (!algorithm) return std::nullopt;
  for (const auto& kind : crypto::key_kinds()) {
    if (kind.spki_algorithm == *algorithm) return kind.family;
  }
  return std::nullopt;
}

// Positive, at most 20 octets.
bool is_serial(const std::optional<std::string_view>& octets) { return octets && !octets->empty() && octets->size() <= 20; }

// UTCTime through 2049 (RFC 5280 section 4.1.2.5).
std::optional<Instant> read_dated(DerReader& reader) {
  const bool generalized = reader.next_is(Tag::generalized_time);
  const auto time = read_time(reader);
  constexpr std::int64_t k2050 = 2'524'608'000;
  if (!time || (generalized && time->seconds() < k2050 && time->seconds() >= -631'152'000)) return std::nullopt;
  return time;
}

Fault read(std::string_view tbs, Linted& linted) {
  DerReader outer(tbs);
  auto fields = outer.enter(Tag::sequence);
  auto version = fields ? fields->enter(context_constructed(0)) : std::nullopt;
  if (!version || !outer.empty() || version->small_integer() != 2U) return Broken{"rfc5280-4.1.2.1", "the certificate is not of version 3"};
  if (!is_serial(fields->unsigned_integer()))
    return Broken{"rfc5280-4.1.2.2", "the serial number is not positive, or longer than 20 octets"};
  const auto algorithm = fields->encoded(Tag::sequence);
  if (!algorithm || !read_algorithm_identifier(*algorithm)) return Broken{"rfc5280-4.1.2.3", "the signature algorithm is not known"};
  const auto issuer = fields->encoded(Tag::sequence);
  if (!issuer || is_empty_name(*issuer)) return Broken{"rfc5280-4.1.2.4", "there is no issuer"};
  linted.issuer = *issuer;
  auto validity = fields->enter(Tag::sequence);
  const auto not_before = validity ? read_dated(*validity) : std::nullopt;
  const auto not_after = not_before ? read_dated(*validity) : std::nullopt;
  if (!not_after || !validity->empty() || *not_after < *not_before) {
    return Broken{"rfc5280-4.1.2.5", "the dates are not in their one form, or end before they begin"};
  }
  linted.not_before = *not_before;
  linted.not_after = *not_after;
  const auto subject = fields->encoded(Tag::sequence);
  if (!subject) return Broken{"rfc5280-4.1.2.6", "the subject is not a Name in DER"};
  linted.subject = *subject;
  if (auto fault = lint_subject(*subject)) return fault;
  const auto spki = fields->encoded(Tag::sequence);
  if (!spki) return Broken{"rfc5280-4.1.2.7", "there is no public key"};
  linted.spki = *spki;
  linted.family = family_of(*spki);
  auto wrapped = fields->enter(context_constructed(3));
  const auto list = wrapped ? wrapped->enter(Tag::sequence) : std::nullopt;
  if (!list || !wrapped->empty() || !fields->empty()) return Broken{"rfc5280-4.1.2.9", "the extensions are not well-formed"};
  Seen seen;
  if (auto fault = lint_extensions(*list, linted, seen)) return fault;
  return lint_whole(linted, seen);
}

Fault lint_entries(DerReader entries) {
  constexpr Broken kMalformed{"rfc5280-5.1.2.6", "an entry is not well-formed"};
  std::string_view before;
  while (!entries.empty()) {
    auto entry = entries.enter(Tag::sequence);
    const auto serial = entry ? entry->unsigned_integer() : std::nullopt;
    if (!is_serial(serial) || !read_dated(*entry)) return kMalformed;
    if (*serial <= before) return Broken{"rfc5280-5.1.2.6", "the entries are not in the order of their serial numbers, each once"};
    before = *serial;
    if (entry->empty()) continue;
    const auto extensions = entry->enter(Tag::sequence);
    if (!extensions || extensions->empty() || !entry->empty()) return kMalformed;
  }
  return std::nullopt;
}

Fault read_list(std::string_view tbs) {
  DerReader outer(tbs);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty() || fields->small_integer() != 1U) return Broken{"rfc5280-5.1.2.1", "the CRL is not of version 2"};
  const auto algorithm = fields->encoded(Tag::sequence);
  if (!algorithm || !read_algorithm_identifier(*algorithm)) return Broken{"rfc5280-5.1.2.2", "the signature algorithm is not known"};
  const auto issuer = fields->encoded(Tag::sequence);
  if (!issuer || is_empty_name(*issuer)) return Broken{"rfc5280-5.1.2.3", "there is no issuer"};
  const auto this_update = read_dated(*fields);
  const auto next_update = this_update ? read_dated(*fields) : std::nullopt;
  if (!next_update || *next_update <= *this_update) {
    return Broken{"rfc5280-5.1.2.5", "thisUpdate and nextUpdate are not in their one form, or not in their order"};
  }
  if (fields->next_is(Tag::sequence)) {
    const auto entries = fields->enter(Tag::sequence);
    if (!entries || entries->empty()) return Broken{"rfc5280-5.1.2.6", "revokedCertificates are there and empty"};
    if (auto fault = lint_entries(*entries)) return fault;
  }
  auto wrapped = fields->enter(context_constructed(0));
  auto list = wrapped ? wrapped->enter(Tag::sequence) : std::nullopt;
  if (!list || !wrapped->empty() || !fields->empty()) return Broken{"rfc5280-5.1.2.7", "the extensions of the CRL are not well-formed"};
  bool number = false, key = false;
  while (!list->empty()) {
    auto extension = list->enter(Tag::sequence);
    const auto identifier = extension ? extension->value(Tag::object_identifier) : std::nullopt;
    if (!identifier || extension->next_is(Tag::boolean))
      return Broken{"rfc5280-5.2", "an extension of the CRL is critical or not well-formed"};
    const auto value = extension->value(Tag::octet_string);
    if (!value) return Broken{"rfc5280-5.2", "an extension of the CRL is not well-formed"};
    if (*identifier == oid_octets::authority_key_identifier) key = true;
    if (*identifier != oid_octets::crl_number) continue;
    DerReader content(*value);
    const auto octets = content.unsigned_integer();
    number = octets && octets->size() <= 20 && content.empty();
  }
  if (!number) return Broken{"rfc5280-5.2.3", "there is no CRL number of at most 20 octets"};
  if (!key) return Broken{"rfc5280-5.2.1", "there is no authorityKeyIdentifier"};
  return std::nullopt;
}

}  // namespace

Failure lint_failed(std::string_view rule, std::string_view why) {
  return fail(ErrorCode::invalid, "lint-failed", std::string(rule) + ": " + std::string(why));
}

Result<Linted> lint_certificate(std::string_view tbs_certificate) {
  Linted linted{};
  if (const auto fault = read(tbs_certificate, linted)) return lint_failed(fault->rule, fault->why);
  return linted;
}

Result<void> lint_crl(std::string_view tbs_cert_list) {
  if (const auto fault = read_list(tbs_cert_list)) return lint_failed(fault->rule, fault->why);
  return {};
}

}  // namespace quicklime::pki
