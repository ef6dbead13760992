#pragma once
// One process: signals, hardening, version.

#include <optional>
#include <string>

#include "base/instant.hpp"

namespace quicklime::runtime {

// For processes that hold keys: no core dumps, no ptrace, no new privileges; SIGPIPE ignored. Before any thread.
void harden();

// Blocks SIGTERM and SIGINT in every thread started from now on; wait returns the one that came. Before any thread.
void block_termination_signals();
int wait_for_termination_signal();
std::optional<int> termination_signal_within(Milliseconds time);

struct Build {
  std::string version;  // "0.1.0"
  std::string commit;   // "9e4cdfc", "9e4cdfc-dirty"; "unknown" when built outside git
  unsigned log_format;  // of the envelope and the chain; raised when an older version could no longer read a log
};
const Build& build();
std::string version();  // "0.1.0 (commit 9e4cdfc, log format 1)"

}  // namespace quicklime::runtime
