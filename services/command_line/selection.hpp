#pragma once
// All live certificates that are alike in something: a name, a service, whoever asked for them. What `revoke` takes back at once.

#include <string>
#include <vector>

#include "command_line/bodies.hpp"
#include "command_line/client.hpp"

namespace quicklime::command_line {

// --all, --service, --node, --token, --user, --requester: several together mean those that are like all of it.
std::vector<runtime::Option> selection_options();

// As query parameters of GET /v1/certificates; empty: none of the options is given.
std::string selection_of(const runtime::Arguments& arguments);

// Those that are good or on hold and have not ended, but the CA's own, in pages of 500. "certificate-unknown" (not_found): nothing was ever
// like that, so that a slip is no success.
Result<std::vector<CertificateSummary>> live_ones(Remote& remote, const std::string& selection);

}  // namespace quicklime::command_line
