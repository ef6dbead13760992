#pragma once
// Certification requests: RFC 2986 (PKCS#10).

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "crypto/key.hpp"
#include "crypto/signer.hpp"
#include "pki/name.hpp"

namespace quicklime::pki {

// A CSR whose proof of possession has been verified. "Parsed" here means: well-formed DER without a
// byte behind it, an acceptable key, a good signature by that key, well-formed names. It does not
// mean that anyone may have a certificate for it: that is libs/ca.
class Csr {
 public:
  // DER. Reasons name the field: "csr-malformed" (csr), "csr-signature" (csr.signature),
  // "key-weak"/"key-kind-unsupported" (csr.subjectPublicKeyInfo), "name-malformed" (csr.subject,
  // csr.subjectAltName), "csr-extension" (csr.extensionRequest: anything but subjectAltName, keyUsage,
  // extendedKeyUsage, basicConstraints CA:FALSE, subjectKeyIdentifier, and the OpenSSL habit of asking
  // for nothing at all). Requested key usages are parsed and must be well-formed; the profile decides.
  static Result<Csr> parse(std::string_view der);

  const std::string& der() const { return der_; }
  // CertificationRequestInfo (RFC 2986 section 4.1), encoded: all that is asked, without the signature, which is another
  // each time an ECDSA key makes one. A view into der().
  std::string_view info() const;
  const Name& subject() const { return subject_; }
  const crypto::PublicKey& public_key() const { return public_key_; }
  const std::vector<AlternativeName>& alternative_names() const { return names_; }
  // Key usages asked for: bit n of RFC 5280 section 4.2.1.3 as bit n; 0 when the CSR names none.
  unsigned key_usages() const { return key_usages_; }
  bool asks_for_ca() const { return asks_for_ca_; }  // basicConstraints CA:TRUE
  // Extended key usages asked for, as dotted OIDs; empty when the CSR names none.
  const std::vector<std::string>& extended_key_usages() const { return extended_key_usages_; }

  // For the command line and tests, which hold the private key.
  static Result<Csr> make(const Name& subject, const std::vector<AlternativeName>& names, const crypto::PrivateKey& key);

 private:
  Csr(std::string der, Name subject, crypto::PublicKey key)
      : der_(std::move(der)), subject_(std::move(subject)), public_key_(std::move(key)) {}
  std::string der_;
  Name subject_;
  crypto::PublicKey public_key_;
  std::vector<AlternativeName> names_;
  std::vector<std::string> extended_key_usages_;
  unsigned key_usages_ = 0;
  bool asks_for_ca_ = false;
};

}  // namespace quicklime::pki
