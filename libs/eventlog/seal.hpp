#pragma once
// A log that is moved is sealed: its last event is log.sealed, and nothing may follow but log.opened, where it goes on.

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

// Whether the log's last event is its seal. Blocks.
Result<bool> is_sealed(EventLog& log);
// For whoever is about to append: "log-sealed".
Result<void> require_open(EventLog& log);
// For whoever is about to move it: "log-not-sealed".
Result<void> require_sealed(EventLog& log);

}  // namespace quicklime::eventlog
