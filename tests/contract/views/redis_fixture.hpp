#pragma once
// The language of the tests of a view in Redis: a server, stores of one view on it, steps along a log.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "async/task.hpp"
#include "backend.hpp"
#include "redis_server.hpp"
#include "views/redis_store.hpp"

namespace quicklime::views::contract {

inline eventlog::Anchor anchor_of(std::uint64_t offset) { return {LogId("log"), Position{0, offset}, {}, {}}; }

inline bool eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

class RedisStore : public testing::Test {
 protected:
  std::unique_ptr<ViewStore> open(RedisOptions options, RedisRun run = RedisRun::follow, unsigned version = 1) {
    return make_redis_store(std::move(options), "ocsp", version, kSpaces, run);
  }
  std::unique_ptr<ViewStore> open(RedisRun run = RedisRun::follow, unsigned version = 1) { return open(server_.options(), run, version); }

  static Changes step(std::uint64_t to, const std::string& value) {
    Changes changes;
    changes.points[PointKey{"status", "a"}] = value;
    changes.points[PointKey{"labels", std::to_string(to)}] = value;
    changes.index[PointKey{"by_name", value}] = true;
    return changes;
  }
  static Result<void> apply(ViewStore& store, std::uint64_t to, const std::string& value) {
    return store.apply(to == 0 ? std::nullopt : std::optional(Position{0, to - 1}), step(to, value), State{anchor_of(to), 1, "w"});
  }
  static Result<Points> get(ViewStore& store, std::vector<PointKey> keys = {{"status", "a"}}) {
    return async::run_to_end(store.get(std::move(keys)));
  }
  static std::string value(ViewStore& store) {
    const auto points = get(store);
    return points ? points->values.at(0).value_or("absent") : points.error().reason;
  }
  std::size_t keys() const { return static_cast<std::size_t>(server_.ask({"DBSIZE"}).integer); }

  RedisServer server_;
};

}  // namespace quicklime::views::contract
