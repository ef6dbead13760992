#pragma once
// The language in which the contract of the view store is written.

#include <gtest/gtest.h>

#include <optional>

#include "async/task.hpp"
#include "backend.hpp"

namespace quicklime::views::contract {

using Values = std::vector<std::optional<std::string>>;

inline const LogId kLogId("01890a5d-ac96-774b-bcce-b302099a8057");

inline eventlog::Anchor anchor_at(std::uint64_t offset) {
  return {kLogId, Position{0, offset}, crypto::sha256("hash " + std::to_string(offset)), crypto::sha256("chain " + std::to_string(offset))};
}

class ViewStoreContract : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override {
    backend_ = GetParam().make();
    store_ = backend_->open(clock_);
  }
  void TearDown() override {
    if (!IsSkipped()) count_case(GetParam().name);
  }

  // ---- the runner's side
  Result<void> try_apply(std::optional<std::uint64_t> expected, std::uint64_t next, const Changes& changes) {
    return store_->apply(expected ? std::optional(Position{0, *expected}) : std::nullopt, changes, State{anchor_at(next), 7, "writers"});
  }
  // The next apply, one position further than the last.
  void apply(const Changes& changes) {
    const auto done = try_apply(at_, at_ ? *at_ + 1 : 0, changes);
    ASSERT_TRUE(done) << done.error().detail;
    at_ = at_ ? *at_ + 1 : 0;
  }
  static Changes put(std::string space, std::string key, std::string value) {
    return Changes{{{PointKey{std::move(space), std::move(key)}, std::move(value)}}, {}};
  }
  static Changes index(const std::vector<std::string>& there, const std::vector<std::string>& gone = {}) {
    Changes changes;
    for (const std::string& key : there) changes.index[PointKey{"by_name", key}] = true;
    for (const std::string& key : gone) changes.index[PointKey{"by_name", key}] = false;
    return changes;
  }

  // ---- the readers' side
  Result<Points> get(std::vector<PointKey> keys) { return async::run_to_end(store_->get(std::move(keys))); }
  std::optional<std::string> value(const std::string& space, const std::string& key) {
    const auto points = get({{space, key}});
    EXPECT_TRUE(points) << points.error().detail;
    return points ? points->values.at(0) : std::nullopt;
  }
  std::vector<std::string> scan(Scan scan) {
    const auto keys = async::run_to_end(store_->scan(std::move(scan)));
    EXPECT_TRUE(keys) << keys.error().detail;
    return keys ? keys->keys : std::vector<std::string>{};
  }
  std::vector<std::string> scan(std::string prefix, std::string from, Direction direction, std::size_t limit = 100) {
    return scan(Scan{"by_name", std::move(prefix), std::move(from), direction, limit});
  }

  TestClock clock_;
  std::unique_ptr<Backend> backend_;
  std::shared_ptr<ViewStore> store_;
  std::optional<std::uint64_t> at_;
};

}  // namespace quicklime::views::contract
