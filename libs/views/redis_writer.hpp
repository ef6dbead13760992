#pragma once
// The runner's side of a view in Redis: blocking calls, over a loop and a connection of their own. Of this library only.

#include <memory>
#include <mutex>

#include "async/task.hpp"
#include "views/redis_connection.hpp"
#include "views/redis_keys.hpp"
#include "views/redis_scripts.hpp"

namespace quicklime::views {

// What ViewStore says of the runner's calls. Any thread, one after the other.
class RedisWriter {
 public:
  RedisWriter(std::shared_ptr<const RedisOptions> options, std::string view, unsigned version, std::vector<Space> spaces, RedisRun run);
  ~RedisWriter();

  Result<std::optional<State>> state();
  Result<std::vector<std::optional<std::string>>> load(const std::vector<PointKey>& keys);
  Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next);
  Result<void> reset();
  Result<Instant> now();
  Result<void> caught_up(Instant noted);
  Result<std::string> dump();

 private:
  using Send = RedisConnection::Send;

  Result<std::vector<Reply>> ask(Commands commands, Send send);
  Result<Reply> run_script(const Script& script, const std::vector<std::string>& keys, const std::vector<std::string>& words, Send send);

  const std::string& meta_key() const { return building_ ? keys_.building() : keys_.meta(); }
  Result<void> begin_building();
  Result<std::optional<RedisMeta>> find();
  Result<const Layout*> layout();
  Result<bool> apply_once(const std::optional<Position>& expected, const Changes& changes, const State& next);
  Result<std::optional<std::string>> dump_once();

  Result<void> retire(const RedisKeys& keys, const std::string& meta, Instant due);
  void drop_old();
  Result<void> drop_old_of(unsigned version, Instant now);
  Result<void> drop_due(const RedisKeys& keys, Instant now);

  const std::shared_ptr<const RedisOptions> options_;
  const std::string view_;
  const unsigned version_;
  const std::vector<Space> spaces_;
  const RedisKeys keys_;

  std::mutex mutex_;
  std::unique_ptr<async::LoopThread> thread_;  // keeps the connection
  bool building_;                              // until the switch, or until somebody else has switched
  bool begun_ = false;                         // building: what an earlier attempt left is gone
  bool built_something_ = false;
  std::optional<Layout> layout_;      // where this handle reads and writes
  std::optional<Position> position_;  // where it last found or left the view
  std::chrono::steady_clock::time_point drop_at_{};
};

}  // namespace quicklime::views
