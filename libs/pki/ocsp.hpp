#pragma once
// OCSP: RFC 6960, the profile of RFC 5019, nonces of RFC 9654.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "crypto/signer.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"

namespace quicklime::pki {

enum class OcspHash : std::uint8_t { sha1, sha256, other };  // other: of no issuer of ours

// CertID, RFC 6960 section 4.1.1. Answered in kind: same hash, byte-equal CertID.
struct OcspCertId {
  OcspHash hash;
  std::string issuer_name_hash;
  std::string issuer_key_hash;
  SerialNumber serial;
  std::string encoded;  // the whole CertID as it came, DER: what the answer repeats
};

struct OcspRequest {
  std::vector<OcspCertId> cert_ids;  // 1 to 32
  // The value of the nonce's extension as it came, which the answer repeats; empty: none asked. An OCTET STRING of 1 to 128 octets
  // (RFC 9654), or those octets alone, as years of Java and Python clients send them.
  std::string nonce;

  // DER, whole. Unsigned and signed requests; a signature is not checked (RFC 6960 section 4.1.2: optional).
  // Everything malformed, and unknown critical request extensions: an error, which the wire knows as malformedRequest.
  static Result<OcspRequest> parse(std::string_view der);
  // For the command line and tests. nonce: its octets, without their OCTET STRING.
  static std::string make(const Certificate& issuer, const SerialNumber& serial, OcspHash hash, std::string_view nonce);
};

// What identifies an issuer in CertIDs, computed once.
struct OcspIssuer {
  std::string name_sha1, key_sha1, name_sha256, key_sha256;
  static OcspIssuer of(const Certificate& issuer);
  bool matches(const OcspCertId& id) const;
};

enum class CertificateStatus : std::uint8_t { good, revoked, unknown };

struct OcspSingle {
  std::string cert_id;  // DER, from OcspCertId::encoded
  CertificateStatus status;
  std::optional<Instant> revocation_date{};                 // revoked only
  RevocationReason reason = RevocationReason::unspecified;  // left out when unspecified
};

// Builds and signs answers for one responder certificate: fixed bytes encoded once. Any thread.
class OcspResponder {
 public:
  // By key (RFC 6960 section 4.2.2.2, delegated responder); the answer includes the certificate.
  OcspResponder(const Certificate& responder, std::shared_ptr<const crypto::Signer> signer);
  // OCSPResponse, DER. producedAt, thisUpdate and nextUpdate are whole seconds. Singles in request order.
  // nextUpdate is at most not_after(), whatever is asked.
  Result<std::string> answer(const std::vector<OcspSingle>& singles, Instant this_update, Instant next_update, Instant produced_at,
                             std::string_view nonce) const;
  Instant not_before() const { return not_before_; }
  Instant not_after() const { return not_after_; }
  bool slow() const { return signer_->slow(); }  // answer() takes milliseconds

 private:
  std::shared_ptr<const crypto::Signer> signer_;
  Instant not_before_, not_after_;
  std::string responder_id_, certificates_;
};

// OCSPResponseStatus without a body, RFC 6960 section 4.2.1.
enum class OcspError : std::uint8_t { malformed_request = 1, internal_error = 2, try_later = 3, sig_required = 5, unauthorized = 6 };
std::string ocsp_error(OcspError status);

// For the command line and tests: one answer about one serial, signature checked against the
// responder certificate inside, which must be the issuer's own or issued by it for OCSPSigning. What it says is proof only when it is
// current, too.
struct OcspAnswer {
  CertificateStatus status;
  Instant this_update;
  Instant next_update;
  std::optional<Instant> revocation_date;
  RevocationReason reason;
  std::string nonce{};  // the octets of the answer's; empty: none

  // RFC 6960 section 3.2, points 5 and 6, RFC 9654: "ocsp-not-current", an answer that has ended or has yet to begin, by more than
  // kClockTolerance; "ocsp-replayed", another nonce than the one that was sent, or none.
  Result<void> is_current(Instant now, std::string_view nonce_sent) const;
  static constexpr Milliseconds kClockTolerance = std::chrono::minutes(5);
};
Result<OcspAnswer> parse_ocsp_answer(std::string_view der, const Certificate& issuer, const SerialNumber& serial);

}  // namespace quicklime::pki
