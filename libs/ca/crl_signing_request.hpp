#pragma once
// What the holder of an authority's key is asked to sign when that key is not where the log is. It says everything that the
// CRL will say, for people to read before they sign; the answer is the CRL itself.

#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "crypto/signer.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"

namespace quicklime::ca {

struct CrlSigningRequest {
  AuthorityId authority;
  pki::Certificate certificate;  // the authority's
  Position number;
  Instant this_update;  // whole seconds
  Instant next_update;
  std::vector<pki::CrlEntry> revoked;  // as they will stand in the CRL
};
std::string encode(const CrlSigningRequest& request);                         // JSON, indented
Result<CrlSigningRequest> decode_crl_signing_request(std::string_view json);  // "signing-request-malformed"

// What a CRL that a person signs may have left when it is signed and when it is published. With less, the next one would not be
// there in time; with more, it would go on being taken long after a newer one.
inline constexpr Milliseconds kShortestOfflineCrl = std::chrono::hours(1);
inline constexpr Milliseconds kLongestOfflineCrl = std::chrono::hours(24 * 366 * 2);
// What is asked for may take as long as this until it is signed and brought.
inline constexpr Milliseconds kTimeToSign = std::chrono::hours(1);

// Neither to come nor past, within these bounds, and not past the authority's end; what ends with the authority may have less
// than an hour. "crl-dated-wrongly".
Result<void> check_crl_dates(const pki::Certificate& authority, Instant this_update, Instant next_update, Instant now);

// The CRL, DER. Needs neither log nor view nor clock. "key-file-wrong" when the signer is not the authority.
Result<std::string> sign_crl(const CrlSigningRequest& request, const crypto::Signer& signer);

}  // namespace quicklime::ca
