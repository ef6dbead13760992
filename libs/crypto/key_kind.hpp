#pragma once
// The kinds of key that this CA knows: one table, and nothing else anywhere that says what a kind is like.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::crypto {

enum class KeyKind : std::uint8_t { p256, p384, p521, ed25519, rsa2048, rsa3072, rsa4096 };
enum class KeyFamily : std::uint8_t { ec, edwards, rsa };
inline constexpr std::size_t kKeyFamilies = 3;

// RFC 5758, RFC 8017 (PKCS#1 v1.5), RFC 8410. What each kind signs with stands in the table; other hashes stand in CSRs and
// certificates of others (keytool takes SHA-384 for RSA-4096) and are verified.
enum class SignatureAlgorithm : std::uint8_t { ecdsa_sha256, rsa_sha256, ecdsa_sha384, ecdsa_sha512, rsa_sha384, rsa_sha512, ed25519 };
std::string_view name(SignatureAlgorithm algorithm);  // "ecdsa-with-SHA256", "sha256WithRSAEncryption"

struct KeyKindRow {
  KeyKind kind;
  std::string_view name;  // "P-256": also what OpenSSL calls the curve
  KeyFamily family;
  std::string_view spki_algorithm;  // AlgorithmIdentifier of its SubjectPublicKeyInfo, DER (RFC 5480, RFC 3279, RFC 8410)
  SignatureAlgorithm signature;     // what it signs with
  std::size_t bits;                 // of an EC key's coordinate, of an RSA key's modulus
  std::size_t longest_signature;    // octets
  bool slow;                        // signs in milliseconds: never on an I/O thread
  bool may_encipher;                // keys of others (keyEncipherment): RSA alone
};
const std::array<KeyKindRow, 7>& key_kinds();
const KeyKindRow& row(KeyKind kind);
std::string_view name(KeyKind kind);
// "key-kind-unsupported", naming those that are known. Any letter case.
Result<KeyKind> parse_key_kind(std::string_view name);
std::vector<std::string> key_kind_names();
std::string key_kind_list();  // "P-256, P-384, ..."

// The longest signature that a key makes which signs with this; 0: none of ours does.
std::size_t longest_signature(SignatureAlgorithm algorithm);

}  // namespace quicklime::crypto
