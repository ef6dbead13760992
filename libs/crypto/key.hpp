#pragma once
// Key pairs, of the kinds of crypto/key_kind.hpp. A key is a handle; its bytes leave only as a Secret. Errors name the
// field "subjectPublicKeyInfo" or "key".

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/key_kind.hpp"

namespace quicklime::crypto {

// Value type, cheap to copy (shares the handle). Any thread.
class PublicKey {
 public:
  // A DER SubjectPublicKeyInfo, whole. Refuses with a reason: trailing bytes, unknown kinds
  // ("key-kind-unsupported", naming what is accepted), RSA below 2048 or above 4096 bits, RSA exponents
  // that are even, below 65537 or above 64 bits, a modulus that can be factored (small factors, close primes, ROCA), Edwards points of
  // a small order ("key-weak"), points not on the curve, compressed points ("key-malformed").
  // Does not go through OpenSSL's decoders: they do not scale over threads (docs/performance.md).
  static Result<PublicKey> from_spki(std::string_view der);

  KeyKind kind() const;
  const std::string& spki() const;  // DER, as given
  // The signature was made over the message by this key with this algorithm. ECDSA: DER form, nothing behind it. Ed25519: the
  // message itself is signed, not its hash.
  bool verifies(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const;
  bool operator==(const PublicKey& other) const { return spki() == other.spki(); }

  struct Handle;  // OpenSSL's EVP_PKEY, seen only inside libs/crypto, libs/pki and async/tls.cpp
  const Handle& handle() const { return *handle_; }

 private:
  explicit PublicKey(std::shared_ptr<const Handle> handle) : handle_(std::move(handle)) {}
  friend class PrivateKey;
  std::shared_ptr<const Handle> handle_;
};

class PrivateKey {
 public:
  // RSA takes from tenths of a second to seconds: on a pool of threads, never on an I/O thread.
  static Result<PrivateKey> generate(KeyKind kind);
  // PEM, PKCS#8 or the traditional forms; both halves must belong together. Encrypted: "key-encrypted" when the passphrase is empty or
  // wrong. Never asks at a terminal.
  static Result<PrivateKey> from_pem(const Secret& pem, const Secret& passphrase = Secret());

  KeyKind kind() const { return public_key_.kind(); }
  const PublicKey& public_key() const { return public_key_; }
  // PKCS#8 (RFC 5958). With a passphrase encrypted: PBES2 with AES-256-CBC and 600,000 rounds of PBKDF2.
  Result<Secret> to_pem(const Secret& passphrase = Secret()) const;
  SignatureAlgorithm signature_algorithm() const;
  Result<std::string> sign(std::string_view message) const;  // any thread

  struct Handle;
  const Handle& handle() const { return *handle_; }

 private:
  PrivateKey(std::shared_ptr<const Handle> handle, PublicKey public_key) : handle_(std::move(handle)), public_key_(std::move(public_key)) {}
  std::shared_ptr<const Handle> handle_;
  PublicKey public_key_;
};

}  // namespace quicklime::crypto
