#pragma once
// With what a daemon that has no issuing key asks for its first certificate (architecture section 8).

#include <filesystem>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "events/event.hpp"
#include "runtime/data_directory.hpp"

namespace quicklime::app {

// Of whom there is one: each daemon without an issuing key, and the gateway.
const std::vector<std::string>& bootstrap_roles();
// Those that were asked for, each once; without any, all of the above. A daemon, issuance or a gateway: nobody else has peers.
// `gateway`: renewal.gateway, "" where nobody is configured. Wrong use, with the name that was probably meant.
Result<std::vector<std::string>> bootstrap_roles(const std::vector<std::string>& asked, const std::string& gateway);
// What the token of a role may: its own name, and the profiles of processes.
struct BootstrapGrant {
  std::string name;  // of the token: "bootstrap ocsp"
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};
BootstrapGrant bootstrap_grant(const std::string& role);

std::filesystem::path bootstrap_directory(const runtime::DataDirectory& directory);  // bootstrap/, with <role>.token

// One for each of these roles: reusable, for a year. Its text is in
// its file, mode 0600; a file that is there is kept, one that is missing is made. What is returned is to be appended to the
// log, unless it is there. "bootstrap-token-damaged".
Result<std::vector<events::TokenCreated>> bootstrap_tokens(const std::filesystem::path& into, Instant now);

}  // namespace quicklime::app
