#pragma once
// Who may renew a certificate: whoever holds its key, by two proofs (architecture section 7), and who asked for it.

#include <optional>
#include <string>
#include <vector>

#include "api/presented.hpp"
#include "async/task.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/key_proof.hpp"
#include "http/message.hpp"
#include "pki/certificate.hpp"
#include "renewal/view.hpp"
#include "runtime/service.hpp"

namespace quicklime::renewal {

// Of any of these texts (ca::renewal_proof_text), at least one. "signature-malformed" (not base64), "renewal-proof-wrong" (401: not of this
// key).
Result<void> check_signature(const pki::Certificate& old, const std::vector<std::string>& texts, const std::string& signature_base64,
                             const std::string& field);

// api::presented_certificate, which counts only while the peer that vouches for it is live. The events say who that was.
async::Task<Result<std::optional<api::Presented>>> presented_certificate(const api::ServiceContext& context, const http::Request& request);

Failure proof_missing(const SerialNumber& serial);  // "renewal-proof-missing" (401)
// The very certificate, compared and not parsed: another one for the same names, or with the same serial, is none.
// "renewal-proof-missing", "renewal-proof-wrong" (401).
Result<void> check_presented(const pki::Certificate& old, const std::optional<api::Presented>& presented);
// Whose it is, without a proof: "not-yours" (403).
Result<void> check_requester(const access::Identity& who, const Predecessor& old);

}  // namespace quicklime::renewal
