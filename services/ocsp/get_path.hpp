#pragma once
// The request in the path of a GET: RFC 6960 appendix A.1, and what clients and proxies make of it.

#include <string_view>
#include <vector>

#include "pki/ocsp.hpp"

namespace quicklime::ocsp {

inline constexpr std::size_t kLongestPath = 1024;  // as sent, escapes and all; RFC 5019 section 5 means 255
inline constexpr std::size_t kReadings = 32;       // of one path, at most

// The OCSPRequests that may stand behind "/ocsp/", from the path as sent. Base64 of either alphabet, escaped or not, padded or
// not, with "+" turned into a space, with slashes before it. A proxy that merges double slashes takes characters away: the DER's
// own length says how many, not where, so then there may be several; each way that is tried counts, whether it can be read or not.
// Empty: too long, not base64, or no OCSPRequest.
std::vector<pki::OcspRequest> requests_in_path(std::string_view rest_of_path);

}  // namespace quicklime::ocsp
