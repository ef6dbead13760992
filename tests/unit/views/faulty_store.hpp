#pragma once
// A memory store whose runner's side can be out of reach for a while, and counts what is asked of it.

#include <atomic>

#include "views/memory_store.hpp"

namespace quicklime::views {

class FaultyStore final : public ViewStore {
 public:
  explicit FaultyStore(std::unique_ptr<MemoryStore> store) : store_(std::move(store)) {}
  MemoryStore& memory() { return *store_; }

  std::atomic<int> loads_failing{0};  // so many are `unavailable`
  std::atomic<int> applies_failing{0};
  std::atomic<int> states_failing{0};
  std::atomic<int> loads{0};
  std::atomic<int> applies{0};
  std::atomic<int> gets{0};

  async::Task<Result<Points>> get(std::vector<PointKey> keys) override {
    ++gets;
    return store_->get(std::move(keys));
  }
  async::Task<Result<Keys>> scan(Scan scan) override { return store_->scan(std::move(scan)); }
  Result<std::optional<State>> state() override {
    if (fails(states_failing)) return away();
    return store_->state();
  }
  Result<std::vector<std::optional<std::string>>> load(const std::vector<PointKey>& keys) override {
    ++loads;
    if (fails(loads_failing)) return away();
    return store_->load(keys);
  }
  Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next) override {
    ++applies;
    if (fails(applies_failing)) return away();
    return store_->apply(expected, changes, next);
  }
  Result<void> reset() override { return store_->reset(); }
  Result<Instant> now() override { return store_->now(); }
  Result<void> caught_up(Instant noted) override { return store_->caught_up(noted); }
  Result<std::string> dump() override { return store_->dump(); }

 private:
  static bool fails(std::atomic<int>& left) {
    if (left <= 0) return false;
    --left;
    return true;
  }
  static Failure away() { return fail(ErrorCode::unavailable, "store-away", "the store is out of reach"); }
  std::unique_ptr<MemoryStore> store_;
};

}  // namespace quicklime::views
