#pragma once
// Internal: what requests and answers have in common.

#include <optional>
#include <string>
#include <utility>

#include "pki/der.hpp"
#include "pki/ocsp.hpp"

namespace quicklime::pki {

inline Failure malformed_ocsp(std::string detail) { return fail(ErrorCode::invalid, "ocsp-malformed", std::move(detail), "ocsp"); }

std::optional<OcspCertId> read_cert_id(DerReader& reader);
// [number] EXPLICIT Extensions with the nonce alone: [2] of requests, [1] of answers. value: the extension's.
std::string nonce_extension(unsigned number, std::string_view value);

}  // namespace quicklime::pki
