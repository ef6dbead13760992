#pragma once
// Another's store, as a view reads it: how often, how much at once; and what happens in between.

#include <algorithm>
#include <functional>
#include <utility>

#include "views/view_store.hpp"

namespace quicklime::test {

class WatchedStore final : public views::ViewStore {
 public:
  explicit WatchedStore(views::ViewStore& store) : store_(store) {}

  std::size_t gets = 0, most_keys = 0;      // of one get or scan
  std::function<void()> before_next_get{};  // once

  async::Task<Result<views::Points>> get(std::vector<views::PointKey> keys) override {
    if (auto once = std::exchange(before_next_get, nullptr)) once();
    ++gets;
    most_keys = std::max(most_keys, keys.size());
    return store_.get(std::move(keys));
  }
  async::Task<Result<views::Keys>> scan(views::Scan scan) override {
    most_keys = std::max(most_keys, scan.limit);
    return store_.scan(std::move(scan));
  }
  Result<std::optional<views::State>> state() override { return store_.state(); }
  Result<std::vector<std::optional<std::string>>> load(const std::vector<views::PointKey>& keys) override { return store_.load(keys); }
  Result<void> apply(const std::optional<Position>& expected, const views::Changes& changes, const views::State& next) override {
    return store_.apply(expected, changes, next);
  }
  Result<void> reset() override { return store_.reset(); }
  Result<Instant> now() override { return store_.now(); }
  Result<void> caught_up(Instant noted) override { return store_.caught_up(noted); }
  Result<std::string> dump() override { return store_.dump(); }

 private:
  views::ViewStore& store_;
};

}  // namespace quicklime::test
