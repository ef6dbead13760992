#pragma once
// ca add: one more authority, by a key at hand, or by a CSR for a root that is elsewhere.

#include <string>
#include <vector>

#include "command_line/authorities.hpp"
#include "runtime/command_line.hpp"

namespace quicklime::command_line {

runtime::Command add_authority_command();

// The next issuing authority below the parent, like the one before: its id.
Result<std::string> add_successor(const runtime::Arguments& arguments, Remote& remote, const std::vector<AuthoritySummary>& all,
                                  const AuthoritySummary& parent, const crypto::PrivateKey& parent_key);

}  // namespace quicklime::command_line
