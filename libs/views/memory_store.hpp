#pragma once
// A view in memory, for tests.

#include <memory>

#include "views/view_store.hpp"

namespace quicklime::views {

class MemoryStore : public ViewStore {
 public:
  virtual void flush() = 0;                  // as FLUSHALL would
  virtual void roll_back_to_snapshot() = 0;  // as a failover to a stale replica would
  virtual void take_snapshot() = 0;
  virtual void fail_next_apply(bool persisted) = 0;  // outcome_unknown, with or without its effect
};

std::unique_ptr<MemoryStore> make_memory_store(const std::vector<Space>& spaces, const Clock& clock);

}  // namespace quicklime::views
