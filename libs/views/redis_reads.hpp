#pragma once
// The readers' side of a view in Redis, of one loop: what its coroutines ask in one turn is one script, and what they ask
// while that is out is the next. A point that many ask for is read once. Of this library only.

#include <deque>
#include <memory>
#include <variant>

#include "async/completion.hpp"
#include "views/redis_connection.hpp"
#include "views/redis_keys.hpp"
#include "views/redis_scripts.hpp"

namespace quicklime::views {

class RedisReads : public std::enable_shared_from_this<RedisReads> {
 public:
  RedisReads(std::shared_ptr<const RedisOptions> options, std::shared_ptr<const RedisKeys> keys);

  using Question = std::variant<std::vector<PointKey>, Scan>;
  // Meta, and one reply per key, or one. No reply is an error.
  struct Answer {
    Meta meta;
    std::vector<Reply> replies;
  };
  async::Task<Result<Answer>> ask(Question question);

 private:
  struct Waiting {
    Question question;
    std::chrono::steady_clock::time_point deadline;  // who asked has gone then
    async::Completion<Result<Answer>> answered;
  };
  static async::Task<void> serve(std::shared_ptr<RedisReads> self);
  async::Task<Result<void>> answer(std::vector<Waiting>& batch);
  async::Task<Result<Reply>> run_script(const std::vector<std::string>& keys, const std::vector<std::string>& words);
  struct Calls;
  void add(Calls& calls, const Question& question, std::vector<std::size_t>& answered_by) const;

  const std::shared_ptr<const RedisOptions> options_;
  const std::shared_ptr<const RedisKeys> keys_;
  RedisConnection connection_;
  std::optional<Layout> layout_;  // as last heard
  std::deque<Waiting> waiting_;
  bool serving_ = false;
};

}  // namespace quicklime::views
