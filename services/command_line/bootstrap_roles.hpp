#pragma once
// Which processes of a CA ask with a token for their first certificate (architecture section 8).

#include <string>
#include <vector>

#include "base/result.hpp"
#include "installation/bootstrap_tokens.hpp"

namespace quicklime::command_line {

// Of whom there is one: each daemon that another one certifies, whatever keys it holds, and the gateway.
const std::vector<std::string>& bootstrap_roles();
// Those that were asked for, each once; without any, all of the above. A daemon, issuance or a gateway: nobody else has peers.
// `gateway`: listen.gateway, "" where nobody is configured. Wrong use, with the name that was probably meant.
Result<std::vector<std::string>> bootstrap_roles(const std::vector<std::string>& asked, const std::string& gateway);
installation::BootstrapGrant bootstrap_grant(const std::string& role);

}  // namespace quicklime::command_line
