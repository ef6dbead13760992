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

namespace quicklime::crl {

struct SigningRequest {
  AuthorityId authority;
  pki::Certificate certificate;  // the authority's
  Position number;
  Instant this_update;  // whole seconds
  Instant next_update;
  std::vector<pki::CrlEntry> revoked;  // as they will stand in the CRL
};
std::string encode(const SigningRequest& request);                     // JSON, indented
Result<SigningRequest> decode_signing_request(std::string_view json);  // "signing-request-malformed"

// The CRL, DER. Needs neither log nor view nor clock. "key-file-wrong" when the signer is not the authority.
Result<std::string> sign(const SigningRequest& request, const crypto::Signer& signer);

}  // namespace quicklime::crl
