#pragma once
// With what every process but issuance asks for its first certificate (architecture section 8).

#include <filesystem>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "events/event.hpp"
#include "installation/data_directory.hpp"

namespace quicklime::installation {

// What the token of a role may: its own name, and the profiles of processes.
struct BootstrapGrant {
  std::string role;  // "ocsp"
  std::string name;  // of the token: "bootstrap ocsp"
  std::vector<std::string> profiles;
  std::vector<std::string> names;
};

std::filesystem::path bootstrap_directory(const DataDirectory& directory);  // bootstrap/, with <role>.token

// One for each grant: reusable, for a year. Its text is in its file, mode 0600; a file that is there is kept, one that is missing is made.
// What is returned is to be appended to the log, unless it is there. "bootstrap-token-damaged": such a file holds no token. Blocks.
Result<std::vector<events::TokenCreated>> bootstrap_tokens(const std::filesystem::path& into, const std::vector<BootstrapGrant>& grants,
                                                           Instant now);

}  // namespace quicklime::installation
