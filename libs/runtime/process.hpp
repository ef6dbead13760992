#pragma once
// One process: signals, hardening, version.

#include <cstdint>
#include <optional>
#include <string>

#include "base/instant.hpp"

namespace quicklime::runtime {

// For processes that hold keys: no core dumps, no ptrace, no new privileges; SIGPIPE ignored. Before any thread.
void harden();

// RLIMIT_NOFILE to its hard limit; how many descriptors there may be now. Before any thread. Not for processes that run commands of
// others: children inherit it, and some count on the usual limit.
std::uint64_t raise_descriptor_limit();
std::uint64_t descriptor_limit();

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
