#pragma once
// With what a daemon that has no issuing key asks for its first certificate (architecture section 8).

#include <filesystem>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "events/event.hpp"
#include "runtime/data_directory.hpp"

namespace quicklime::app {

std::filesystem::path bootstrap_directory(const runtime::DataDirectory& directory);  // bootstrap/, with <role>.token

// One for each such daemon and for the gateway: reusable, bound to its name and to the profiles of daemons. Its text is in
// its file, mode 0600; a file that is there is kept, one that is missing is made. What is returned is to be appended to the
// log, unless it is there. "bootstrap-token-damaged".
Result<std::vector<events::TokenCreated>> bootstrap_tokens(const std::filesystem::path& into, Instant now);

}  // namespace quicklime::app
