#pragma once
// Signatures of JSON Web Tokens: compact JWS (RFC 7515), verified and never made. Strict where libraries are not: one text for one token
// (no padding, no stray bits), no member twice, no `crit`, and what a key is for is decided by the key, never by the token.
// Any thread.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::crypto {

// RFC 7518 sections 3.3 and 3.4, RFC 8037 (Ed25519 alone; RFC 9864 calls it "Ed25519").
enum class JwsAlgorithm : std::uint8_t { rs256, es256, es384, eddsa };
std::string_view name(JwsAlgorithm algorithm);  // "RS256", "ES256", "ES384", "EdDSA"
std::optional<JwsAlgorithm> jws_algorithm(std::string_view name);

// A public key of a set (RFC 7517), for one algorithm. Value type, cheap to copy.
class JwsKey {
 public:
  // Octets as unsigned integers, big-endian. An Error says why the key is not used: RSA as PublicKey::from_spki has it, points that are not
  // on their curve, sizes that are not those of the curve.
  static Result<JwsKey> rsa(std::string id, std::string_view modulus, std::string_view exponent);
  static Result<JwsKey> p256(std::string id, std::string_view x, std::string_view y);
  static Result<JwsKey> p384(std::string id, std::string_view x, std::string_view y);
  static Result<JwsKey> ed25519(std::string id, std::string_view x);

  const std::string& id() const { return id_; }  // `kid`; may be empty
  JwsAlgorithm algorithm() const { return algorithm_; }
  // signature: as JWS has it, for ECDSA both integers in full length behind each other (RFC 7518 section 3.4).
  bool verifies(std::string_view message, std::string_view signature) const;

 private:
  struct Handle;
  JwsKey(std::string id, JwsAlgorithm algorithm, std::shared_ptr<const Handle> handle)
      : id_(std::move(id)), algorithm_(algorithm), handle_(std::move(handle)) {}
  static Result<JwsKey> from_spki(std::string id, JwsAlgorithm algorithm, const std::string& spki);

  std::string id_;
  JwsAlgorithm algorithm_;
  std::shared_ptr<const Handle> handle_;
};

// The keys of a JWKS (RFC 7517 section 5) that verify signatures by the algorithms above. Others are left out: of other kinds, for
// encryption, broken. "jwks-malformed" (invalid) for what is no JWKS, and where no key is left, naming why the last was not taken.
Result<std::vector<JwsKey>> read_jwks(std::string_view json);

// What a token says of its signature.
struct JwsHeader {
  JwsAlgorithm algorithm;
  std::optional<std::string> key_id{};
  std::string type{};  // `typ`, lower case, without "application/" (RFC 7515 section 4.1.9); may be empty
};
// "jws-malformed", "jws-algorithm-unsupported".
Result<JwsHeader> read_jws_header(std::string_view json);

inline constexpr std::size_t kLongestJws = 16 * 1024;

// Every Error of it is `unauthenticated`: what is shown shows nobody.
class Jws {
 public:
  // "jws-malformed" with a reason, "jws-algorithm-unsupported".
  static Result<Jws> parse(std::string compact);

  const JwsHeader& header() const { return header_; }
  // What was signed, if one of the keys signed it. At most two are tried, of the token's algorithm and key id (without one: of its
  // algorithm). "jws-key-unknown": none is, or, without a key id, more than two are. "jws-signature-invalid".
  Result<std::string> verified(const std::vector<JwsKey>& keys) const;
  // What anybody may have written: only to find whose keys are to be asked.
  const std::string& unverified() const { return payload_; }

 private:
  explicit Jws(JwsHeader header) : header_(std::move(header)) {}

  JwsHeader header_;
  std::string signed_;  // header and payload as they were sent
  std::string payload_;
  std::string signature_;
};

}  // namespace quicklime::crypto
