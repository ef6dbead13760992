#pragma once
// The log in one SQLite file: WAL, synchronous=FULL, one writing connection on one writer thread
// (which also checkpoints), read-only connections per reading thread. Group commit: a lone append
// commits at once; what arrives while a commit is under way shares the next one.

#include <filesystem>
#include <memory>

#include "base/metrics.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

struct SqliteLogOptions {
  std::size_t batch_events = 32;      // at most this many appends share a commit ...
  Milliseconds batch_wait{5};         // ... and under load a commit waits this long to fill (less, once as many wait as there are)
  std::size_t queue_events = 20'000;  // more waiting appends: unavailable
  Milliseconds busy_timeout{5'000};
};

// Makes a log with `log.created` (the given bytes) at offset 0. The file must not exist.
Result<void> create_sqlite_log(const std::filesystem::path& file, const LogId& id, std::string_view log_created);

// Opens an existing log; a missing or empty one is refused ("log-missing"), so a mistyped path starts no new log.
// The last stored chain is checked against the last event; all of it by verify_chain.
Result<std::unique_ptr<EventLog>> open_sqlite_log(const std::filesystem::path& file, const SqliteLogOptions& options,
                                                  metrics::Registry& metrics);

// For tests of a stalled log: while set, the writer thread takes nothing from its queue.
void stall_sqlite_log_for_test(EventLog& log, bool stalled);

}  // namespace quicklime::eventlog
