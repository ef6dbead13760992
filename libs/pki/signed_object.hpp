#pragma once
// Internal: the frame that CSRs, certificates, CRLs and OCSP answers share, SEQUENCE { body,
// AlgorithmIdentifier, BIT STRING }, and the extensions within.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.hpp"
#include "crypto/signer.hpp"
#include "pki/der.hpp"

namespace quicklime::pki {

struct SignedObject {
  std::string_view body;       // encoded
  std::string_view algorithm;  // encoded
  std::string_view signature;
  bool holds(const crypto::PublicKey& key) const;
};
bool is_algorithm_identifier(std::string_view encoded);  // well-formed, known or not
bool is_spki(std::string_view encoded);                  // SubjectPublicKeyInfo of any kind of key
// The content of the SEQUENCE, up to its end.
std::optional<SignedObject> read_signed(DerReader content);
// A whole DER document, without a byte behind it.
std::optional<SignedObject> read_signed_document(std::string_view der);

// What follows the body: AlgorithmIdentifier and signature.
std::string signature_part(crypto::SignatureAlgorithm algorithm, std::string_view signature);
Result<std::string> sign_body(std::string_view body, const crypto::Signer& signer);  // the whole SEQUENCE

// Extension, RFC 5280 section 4.1.
struct Extension {
  std::string_view identifier;  // content of the OID
  bool critical;
  std::string_view value;  // content of the OCTET STRING
};
// Up to the end of the content of Extensions. Refuses a second extension of the same kind (RFC 5280 section 4.2).
std::optional<std::vector<Extension>> read_extensions(DerReader content);
enum class Critical : bool { no, yes };
void append_extension(std::string& out, std::string_view identifier, Critical critical, std::string_view value);

struct BasicConstraints {
  bool is_ca = false;
  std::optional<std::uint64_t> path_length{};
};
std::optional<BasicConstraints> read_basic_constraints(std::string_view value);
std::optional<std::vector<std::string>> read_extended_key_usage(std::string_view value);  // dotted
std::optional<unsigned> read_key_usage(std::string_view value);                           // bit n of the list as bit n of the number
std::optional<std::string> read_authority_key_identifier(std::string_view value);         // empty: without keyIdentifier
std::string authority_key_identifier_value(std::string_view key_identifier);

}  // namespace quicklime::pki
