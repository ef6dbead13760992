#include "pki/signed_object.hpp"

#include <algorithm>

#include "pki/object_identifier.hpp"

namespace quicklime::pki {

bool SignedObject::holds(const crypto::PublicKey& key) const {
  const auto known = read_algorithm_identifier(algorithm);
  return known && key.verifies(*known, body, signature);
}

bool is_algorithm_identifier(std::string_view encoded) {
  DerReader outer(encoded);
  auto fields = outer.enter(Tag::sequence);
  const auto identifier = fields ? fields->value(Tag::object_identifier) : std::nullopt;
  if (!identifier || !is_oid(*identifier)) return false;
  if (fields->empty()) return true;
  // The parameters that exist: NULL (RSA), an OID (named curve), a SEQUENCE (RSA-PSS).
  const auto parameters = fields->any();
  if (!parameters || !fields->empty()) return false;
  if (parameters->tag == Tag::object_identifier) return is_oid(parameters->value);
  return parameters->tag == Tag::sequence || (parameters->tag == Tag::null && parameters->value.empty());
}

bool is_spki(std::string_view encoded) {
  DerReader outer(encoded);
  auto fields = outer.enter(Tag::sequence);
  const auto algorithm = fields ? fields->encoded(Tag::sequence) : std::nullopt;
  return algorithm && is_algorithm_identifier(*algorithm) && fields->bit_string() && fields->empty();
}

std::optional<SignedObject> read_signed(DerReader content) {
  const auto body = content.encoded(Tag::sequence);
  const auto algorithm = body ? content.encoded(Tag::sequence) : std::nullopt;
  const auto signature = algorithm ? content.bit_string() : std::nullopt;
  if (!signature || !content.empty() || !is_algorithm_identifier(*algorithm)) return std::nullopt;
  return SignedObject{*body, *algorithm, *signature};
}

std::optional<SignedObject> read_signed_document(std::string_view der) {
  DerReader outer(der);
  const auto content = outer.enter(Tag::sequence);
  if (!content || !outer.empty()) return std::nullopt;
  return read_signed(*content);
}

std::string signature_part(crypto::SignatureAlgorithm algorithm, std::string_view signature) {
  std::string part(algorithm_identifier(algorithm));
  part += der_bit_string(signature);
  return part;
}

Result<std::string> sign_body(std::string_view body, const crypto::Signer& signer) {
  const auto signature = signer.sign(body);
  if (!signature) return forward(signature);
  const std::string part = signature_part(signer.algorithm(), *signature);
  std::string whole = der_header(Tag::sequence, body.size() + part.size());
  whole.reserve(whole.size() + body.size() + part.size());
  whole += body;
  whole += part;
  return whole;
}

std::optional<std::vector<Extension>> read_extensions(DerReader content) {
  std::vector<Extension> extensions;
  while (!content.empty()) {
    auto fields = content.enter(Tag::sequence);
    const auto identifier = fields ? fields->value(Tag::object_identifier) : std::nullopt;
    if (!identifier || !is_oid(*identifier)) return std::nullopt;
    bool critical = false;
    if (fields->next_is(Tag::boolean)) {
      // An explicit FALSE is not DER (X.690 section 11.5), yet common enough that others read it too.
      const auto flag = fields->boolean();
      if (!flag) return std::nullopt;
      critical = *flag;
    }
    const auto value = fields->value(Tag::octet_string);
    if (!value || !fields->empty()) return std::nullopt;
    const bool twice = std::any_of(extensions.begin(), extensions.end(), [&](const Extension& e) { return e.identifier == *identifier; });
    // The bound keeps the comparison of each with all before it cheap; real certificates have about ten.
    if (twice || extensions.size() >= 64) return std::nullopt;
    extensions.push_back({*identifier, critical, *value});
  }
  return extensions;
}

void append_extension(std::string& out, std::string_view identifier, Critical critical, std::string_view value) {
  std::string fields = der(Tag::object_identifier, identifier);
  if (critical == Critical::yes) fields += der_boolean_true();
  append_der(fields, Tag::octet_string, value);
  append_der(out, Tag::sequence, fields);
}

std::optional<BasicConstraints> read_basic_constraints(std::string_view value) {
  DerReader outer(value);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty()) return std::nullopt;
  BasicConstraints constraints;
  if (fields->next_is(Tag::boolean)) {
    const auto is_ca = fields->boolean();
    if (!is_ca) return std::nullopt;
    constraints.is_ca = *is_ca;
  }
  if (fields->next_is(Tag::integer)) {
    constraints.path_length = fields->small_integer();
    // RFC 5280 section 4.2.1.9: only together with cA
    if (!constraints.path_length || !constraints.is_ca) return std::nullopt;
  }
  if (!fields->empty()) return std::nullopt;
  return constraints;
}

std::optional<std::vector<std::string>> read_extended_key_usage(std::string_view value) {
  DerReader outer(value);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty() || fields->empty()) return std::nullopt;
  std::vector<std::string> usages;
  while (!fields->empty()) {
    const auto content = fields->value(Tag::object_identifier);
    std::string text = content ? oid_text(*content) : std::string();
    if (text.empty()) return std::nullopt;
    usages.push_back(std::move(text));
  }
  return usages;
}

std::optional<unsigned> read_key_usage(std::string_view value) {
  DerReader outer(value);
  const auto content = outer.value(Tag::bit_string);
  if (!content || !outer.empty() || content->size() < 2 || content->size() > 3) return std::nullopt;
  const auto unused = static_cast<unsigned char>(content->front());
  const auto last = static_cast<unsigned char>(content->back());
  // In DER a named bit list ends with a one (X.690 section 11.2.2); encoders that know the list's length end it with zeros.
  if (unused > 7 || (last & ((1U << unused) - 1U)) != 0) return std::nullopt;
  unsigned usages = 0;
  for (std::size_t bit = 0; bit < (content->size() - 1) * 8; ++bit) {
    const auto octet = static_cast<unsigned char>((*content)[1 + bit / 8]);
    if ((octet & (0x80U >> (bit % 8))) != 0) usages |= 1U << bit;
  }
  if (usages == 0) return std::nullopt;  // at least one must stand (RFC 5280 section 4.2.1.3)
  return usages;
}

std::optional<std::string> read_authority_key_identifier(std::string_view value) {
  DerReader outer(value);
  auto fields = outer.enter(Tag::sequence);
  if (!fields || !outer.empty()) return std::nullopt;
  std::string identifier;
  if (fields->next_is(context(0))) {
    const auto octets = fields->value(context(0));
    if (!octets) return std::nullopt;
    identifier = std::string(*octets);
  }
  while (!fields->empty()) {  // authorityCertIssuer [1] and serial number [2]: read past
    if (!fields->any()) return std::nullopt;
  }
  return identifier;
}

std::string authority_key_identifier_value(std::string_view key_identifier) { return der(Tag::sequence, der(context(0), key_identifier)); }

}  // namespace quicklime::pki
