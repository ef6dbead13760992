#include "views/redis_reads.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <span>

#include "async/here.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

constexpr std::size_t kLargestBatch = 256;
constexpr int kAttempts = 3;  // a view that is switched or flushed between two attempts is asked again

Failure too_late(Milliseconds within) {
  return fail(Error{ErrorCode::unavailable, "redis-deadline", "Redis has not answered within " + duration_text(within), "", 1});
}

// A read happens or does not; nobody need know which.
Failure as_passing(Error error) {
  error.code = ErrorCode::unavailable;
  return fail(std::move(error));
}

Result<RedisReads::Answer> answer_from(const Meta& meta, std::span<const Reply> results, const std::vector<std::size_t>& answered_by) {
  RedisReads::Answer answer{meta, {}};
  answer.replies.reserve(answered_by.size());
  for (const std::size_t call : answered_by) {
    if (results[call].is(Reply::Kind::error)) return redis_refused(results[call].text);
    answer.replies.push_back(results[call]);
  }
  return answer;
}

}  // namespace

RedisReads::RedisReads(std::shared_ptr<const RedisOptions> options, std::shared_ptr<const RedisKeys> keys)
    : options_(options), keys_(std::move(keys)), connection_(std::move(options)) {}

async::Task<Result<RedisReads::Answer>> RedisReads::ask(Question question) {
  const async::Completion<Result<Answer>> answered;
  const auto within = options_->read_deadline;
  waiting_.push_back(Waiting{std::move(question), std::chrono::steady_clock::now() + within, answered});
  if (!serving_) {
    serving_ = true;
    async::spawn_here(serve(shared_from_this()));
  }
  auto answer = co_await answered.wait_for(within);
  if (!answer) co_return too_late(within);
  co_return std::move(*answer);
}

async::Task<void> RedisReads::serve(std::shared_ptr<RedisReads> self) {
  while (!self->waiting_.empty()) {
    co_await async::yield();  // who asks in this turn comes along
    std::vector<Waiting> batch;
    while (!self->waiting_.empty() && batch.size() < kLargestBatch) {
      batch.push_back(std::move(self->waiting_.front()));
      self->waiting_.pop_front();
    }
    const auto now = std::chrono::steady_clock::now();
    std::erase_if(batch, [now](const Waiting& one) { return one.deadline <= now; });
    if (batch.empty()) continue;
    auto done = co_await self->answer(batch);
    if (done) continue;
    for (const Waiting& one : batch) one.answered.complete(as_passing(done.error()));
  }
  self->serving_ = false;
}

async::Task<Result<Reply>> RedisReads::run_script(const std::vector<std::string>& keys, const std::vector<std::string>& words) {
  for (int attempt = 0; attempt < 2; ++attempt) {
    const bool by_name = attempt == 0;
    Commands commands;
    read_script().add_to(commands, by_name ? "EVALSHA_RO" : "EVAL_RO", by_name ? Script::Call::by_name : Script::Call::by_source, keys,
                         words);
    auto replies = co_await connection_.exchange(std::move(commands), options_->read_deadline, RedisConnection::Send::again);
    if (!replies) co_return forward(replies);
    Reply& reply = replies->front();
    if (!reply.is(Reply::Kind::error)) co_return std::move(reply);
    if (!by_name || !reply.text.starts_with("NOSCRIPT")) co_return redis_refused(reply.text);
  }
  co_return redis_refused("NOSCRIPT");
}

// The calls of one script, as read_script takes them.
struct RedisReads::Calls {
  std::vector<std::string> keys;  // the first is the meta's
  std::vector<std::string> words;
  std::map<std::pair<std::string_view, std::string_view>, std::size_t> points{};  // which call reads this space and key

  std::size_t add(std::string key, std::initializer_list<std::string_view> call) {
    keys.push_back(std::move(key));
    words.insert(words.end(), call.begin(), call.end());
    return keys.size() - 2;
  }
};

// The calls whose replies are the question's answer, in this order.
void RedisReads::add(Calls& calls, const Question& question, std::vector<std::size_t>& answered_by) const {
  if (const auto* asked = std::get_if<std::vector<PointKey>>(&question)) {
    for (const PointKey& key : *asked) {
      const auto [point, is_new] = calls.points.try_emplace({key.space, key.key});
      if (is_new) point->second = calls.add(keys_->points(*layout_, key.space, key.key), {"HGET", key.key});
      answered_by.push_back(point->second);
    }
    return;
  }
  const Scan& scan = std::get<Scan>(question);
  const Range range = range_of(scan);
  const std::string lower = "[" + range.lower;
  const std::string upper = range.upper ? "(" + *range.upper : "+";
  const auto limit = std::to_string(std::min<std::size_t>(scan.limit, std::numeric_limits<std::int32_t>::max()));
  const std::string key = keys_->index(*layout_, scan.space);
  if (scan.direction == Direction::ascending) {
    answered_by.push_back(calls.add(key, {"ZRANGEBYLEX", "5", lower, upper, "LIMIT", "0", limit}));
  } else {
    answered_by.push_back(calls.add(key, {"ZREVRANGEBYLEX", "5", upper, lower, "LIMIT", "0", limit}));
  }
}

// A failure: nobody of the batch has been answered.
async::Task<Result<void>> RedisReads::answer(std::vector<Waiting>& batch) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    Calls calls{.keys = {keys_->meta()}, .words = {layout_ ? layout_->generation : ""}};
    std::vector<std::vector<std::size_t>> answered_by(batch.size());
    for (std::size_t i = 0; layout_ && i < batch.size(); ++i) add(calls, batch[i].question, answered_by[i]);
    auto reply = co_await run_script(calls.keys, calls.words);
    if (!reply) co_return forward(reply);
    const std::vector<Reply>& results = reply->list;
    if (results.size() < 2) co_return redis_refused("no meta");
    auto meta = parse_meta(results[0]);
    if (!meta) co_return forward(meta);
    auto time = parse_time(results[1]);
    if (!time) co_return forward(time);
    if (!*meta) {
      layout_.reset();
      co_return view_missing();
    }
    if (layout_ != (*meta)->layout) {
      layout_ = (*meta)->layout;  // nothing was read: the view is of another generation
      continue;
    }
    if (results.size() != calls.keys.size() + 1) co_return redis_refused("an answer of another length");
    const Meta told{(*meta)->state.anchor, (*meta)->state.version, (*meta)->caught_up_at, *time};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      batch[i].answered.complete(answer_from(told, std::span(results).subspan(2), answered_by[i]));
    }
    co_return Result<void>();
  }
  co_return fail(Error{ErrorCode::unavailable, "view-moving", "the view is switched or flushed again and again", "", 1});
}

}  // namespace quicklime::views
