#pragma once
// The request in the path of a GET: RFC 6960 appendix A.1, and what clients and proxies make of it.

#include <string>
#include <string_view>
#include <vector>

namespace quicklime::ocsp {

// DER of the OCSPRequest behind "/ocsp/", from the path as sent. Base64 of either alphabet, escaped or not, padded or
// not, with "+" turned into a space, with slashes before it. A proxy that merges double slashes takes characters away:
// the DER's own length says how many, not where, so then there may be several readings. Empty: not base64.
std::vector<std::string> requests_in_path(std::string_view rest_of_path);

}  // namespace quicklime::ocsp
