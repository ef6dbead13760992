#pragma once
// Path validation (RFC 5280 section 6), by OpenSSL: the judge, not the hot path.

#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "pki/certificate.hpp"
#include "pki/crl.hpp"

namespace quicklime::pki {

// Holds, or ErrorCode::verification_failed with a reason: "certificate-expired",
// "certificate-not-yet-valid", "certificate-revoked", "certificate-foreign" (no path to these roots),
// "chain-wrong" (a path is there and does not hold). Strict (X509_V_FLAG_X509_STRICT).
// With CRLs every certificate of the path is looked up, so there must be one of each issuer.
Result<void> verify_chain(const Certificate& leaf, const std::vector<Certificate>& intermediates, const std::vector<Certificate>& roots,
                          Instant at, const std::vector<Crl>& crls = {});

}  // namespace quicklime::pki
