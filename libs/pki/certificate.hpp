#pragma once
// Certificates: RFC 5280 section 4. Reading them, and building what the CA signs.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "crypto/hash.hpp"
#include "crypto/key.hpp"
#include "crypto/signer.hpp"
#include "pki/lint.hpp"
#include "pki/name.hpp"
#include "pki/usages.hpp"

namespace quicklime::pki {

// A parsed certificate. "Parsed" means well-formed v3 DER without trailing bytes; it says nothing about
// its signature, its dates or its chain (see chain.hpp). Value type.
class Certificate {
 public:
  static Result<Certificate> parse(std::string_view der);

  const std::string& der() const { return der_; }
  const SerialNumber& serial() const { return serial_; }
  const Name& issuer() const { return issuer_; }
  const Name& subject() const { return subject_; }
  Instant not_before() const { return not_before_; }
  Instant not_after() const { return not_after_; }
  const std::string& spki() const { return spki_; }  // DER; the key may be of a kind we do not issue to
  Result<crypto::PublicKey> public_key() const { return crypto::PublicKey::from_spki(spki_); }
  const std::vector<AlternativeName>& alternative_names() const { return names_; }
  bool is_ca() const { return is_ca_; }
  // How many authorities may stand below this one; nullopt: any number (RFC 5280 section 4.2.1.9).
  std::optional<std::uint64_t> path_length() const { return path_length_; }
  // keyIdentifier octets; empty when the extension is absent.
  const std::string& subject_key_identifier() const { return subject_key_identifier_; }
  const std::string& authority_key_identifier() const { return authority_key_identifier_; }
  const std::vector<std::string>& extended_key_usages() const { return extended_key_usages_; }  // dotted OIDs
  // Where its issuer's CRLs are: the URLs of cRLDistributionPoints (RFC 5280 section 4.2.1.13), as far as they can be read.
  const std::vector<std::string>& crl_urls() const { return crl_urls_; }
  crypto::Sha256Digest fingerprint() const { return crypto::sha256(der_); }
  bool signed_by(const crypto::PublicKey& issuer_key) const;

 private:
  Certificate(std::string der, SerialNumber serial, Name issuer, Name subject, Instant not_before, Instant not_after)
      : der_(std::move(der)),
        serial_(serial),
        issuer_(std::move(issuer)),
        subject_(std::move(subject)),
        not_before_(not_before),
        not_after_(not_after) {}
  Result<void> read_extension(std::string_view identifier, std::string_view value);
  std::string der_;
  SerialNumber serial_;
  Name issuer_;
  Name subject_;
  Instant not_before_;
  Instant not_after_;
  std::string spki_;
  std::vector<AlternativeName> names_;
  std::string subject_key_identifier_;
  std::string authority_key_identifier_;
  std::vector<std::string> extended_key_usages_;
  std::vector<std::string> crl_urls_;
  bool is_ca_ = false;
  std::optional<std::uint64_t> path_length_;
};

// What is the same in every certificate of one profile under one authority: encoded once. Issuing
// then copies these bytes and adds what differs (docs/performance.md, row 1). Immutable, any thread.
class CertificateTemplate {
 public:
  struct Fields {
    Name issuer;
    std::string authority_key_identifier;  // the issuer's SKI; empty for a self-signed root, which names its own
    std::vector<KeyUsage> key_usages;      // critical
    std::vector<std::string> extended_key_usages;
    bool critical_extended_key_usage = false;  // of time stamping (RFC 3161 section 2.3)
    bool is_ca = false;                        // critical basicConstraints in every certificate of a CA, CA:FALSE left out
    std::optional<unsigned> path_length;
    std::vector<std::string> ocsp_urls;       // authority information access
    std::vector<std::string> ca_issuer_urls;  // authority information access
    std::vector<std::string> crl_urls;        // CRL distribution points, one point
    bool ocsp_no_check = false;               // id-pkix-ocsp-nocheck, RFC 6960 section 4.2.2.2.1
    crypto::SignatureAlgorithm signature_algorithm;
  };
  explicit CertificateTemplate(const Fields& fields);

  struct Subject {
    const SerialNumber& serial;
    const Name& subject;  // empty: subjectAltName becomes critical (RFC 5280 section 4.2.1.6)
    const std::vector<AlternativeName>& names;
    const std::string& spki;  // DER
    Instant not_before;
    Instant not_after;
  };
  // The whole signed certificate. Fails as the signer fails, and before anything is signed as lint_certificate does, or as `rules` does:
  // what is asked of certificates of one kind beside that. The signer's algorithm must be the template's.
  using Rules = std::function<Result<void>(const Linted& linted)>;
  Result<std::string> sign(const Subject& subject, const crypto::Signer& signer, const Rules& rules = {}) const;
  // Its length, before anything is signed, to within the length of an ECDSA signature. Upper bound.
  std::size_t size_bound(const Subject& subject) const;

 private:
  std::string body(const Subject& subject) const;  // TBSCertificate
  crypto::SignatureAlgorithm algorithm_;
  bool self_signed_;
  std::string version_, algorithm_and_issuer_, extensions_;
};

// What stands in PEM, in its order; every block must be a certificate.
Result<std::vector<Certificate>> certificates_in(std::string_view pem);

// RFC 7093 section 2 method 1: the leftmost 160 bits of the SHA-256 of the public key bits.
std::string key_identifier(std::string_view spki);

}  // namespace quicklime::pki
