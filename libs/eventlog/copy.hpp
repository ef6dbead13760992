#pragma once
// A log moves: the same bytes at the same offsets of another one.

#include <functional>

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

// Appends to `to` what it lacks of `from`. What `to` holds already must be what `from` begins with, so a copy that was
// interrupted goes on; else "log-differs" with the offset, and `to` is not the place for this log. Nobody else may append to
// either meanwhile. Verifies the chain of both. Blocks. Returns the anchor of the last event.
Result<Anchor> copy_log(EventLog& from, EventLog& to, const std::function<void(Position)>& progress = {});

}  // namespace quicklime::eventlog
