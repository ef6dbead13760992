#pragma once
// What is in a log, for tests that say what was written.

#include <stdexcept>

#include "eventlog/event_log.hpp"

namespace quicklime::test {

// Events that are no refusals: whoever is known and is refused is recorded, and nothing has changed.
inline std::size_t changes_in(eventlog::EventLog& log) {
  std::size_t changes = 0;
  const auto end = log.end();
  for (std::uint64_t offset = 0; offset < end->offset; ++offset) {
    const auto record = log.read_one(offset);
    if (!record) throw std::runtime_error(record.error().detail);
    if (record->bytes.find("\"schema\":\"request.denied/") == std::string::npos) ++changes;
  }
  return changes;
}

}  // namespace quicklime::test
