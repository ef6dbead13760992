#pragma once
// One connection to Redis, of one loop: connects when needed, waits its turn after failures. Of this library only.

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "async/stream.hpp"
#include "async/task.hpp"
#include "views/redis_protocol.hpp"
#include "views/redis_store.hpp"

namespace quicklime::views {

class RedisConnection {
 public:
  explicit RedisConnection(std::shared_ptr<const RedisOptions> options);

  // once: never sent twice. again: a connection that the other side closed meanwhile is replaced, and everything sent again.
  enum class Send : std::uint8_t { once, again };
  // One write, then a reply to every command; one exchange at a time. Errors:
  //   unavailable      Redis has not seen the commands ("redis-unreachable")
  //   outcome_unknown  it may have ("redis-deadline", "redis-lost"); the connection is closed
  async::Task<Result<std::vector<Reply>>> exchange(Commands commands, Milliseconds deadline, Send send);

 private:
  using Clock = std::chrono::steady_clock;

  async::Task<Result<void>> connect();
  async::Task<Result<std::unique_ptr<async::Stream>>> open(Clock::time_point deadline);
  async::Task<Result<void>> introduce();
  async::Task<Result<std::vector<Reply>>> write_and_read(std::string_view bytes, std::size_t count);
  Failure wait_after(const Error& failed);

  const std::shared_ptr<const RedisOptions> options_;
  std::unique_ptr<async::Stream> stream_;
  std::unique_ptr<ReplyReader> reader_;
  std::optional<Error> refused_;  // why the last attempt failed
  Clock::time_point next_attempt_{};
  Milliseconds backoff_{};
  std::minstd_rand jitter_{std::random_device{}()};
};

}  // namespace quicklime::views
