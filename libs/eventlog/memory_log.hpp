#pragma once
// The log in memory, for tests: the same contract, plus the faults that a real one can have.

#include <memory>

#include "eventlog/event_log.hpp"

namespace quicklime::eventlog {

class MemoryLog : public EventLog {
 public:
  // What the next append does instead of succeeding.
  enum class Fault { none, not_persisted, unknown_not_persisted, unknown_persisted, written_twice };
  virtual void inject(Fault fault) = 0;
  virtual void stall(bool stalled) = 0;  // appends wait

  // What others can do to a log behind its readers' backs.
  virtual void alter(std::uint64_t offset) = 0;                              // flips a bit of this event
  virtual void truncate(std::uint64_t end) = 0;                              // everything from there is gone
  virtual void recreate(const LogId& id, std::string_view log_created) = 0;  // another log in its place
};

std::unique_ptr<MemoryLog> make_memory_log(const LogId& id, std::string_view log_created);

}  // namespace quicklime::eventlog
