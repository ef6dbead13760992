#include "views/redis_writer.hpp"

#include <algorithm>
#include <future>
#include <map>

#include "async/here.hpp"
#include "base/crash_point.hpp"
#include "base/logging.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

constexpr std::size_t kWordsPerCall = 2'000;  // Lua's unpack ends at 8,000

std::string position_text(const std::optional<Position>& position) { return position ? position->text() : ""; }

Failure outcome_unknown(const Error& error) {
  return fail(ErrorCode::outcome_unknown, "view-outcome-unknown", "the view may or may not have taken the changes: " + error.detail);
}

using Replies = Result<std::vector<Reply>>;

async::Task<void> exchange(std::shared_ptr<const RedisOptions> options, Commands commands, RedisConnection::Send send,
                           std::promise<Replies> told) {
  // Kept by the loop, so that the connection goes before what it runs on.
  const auto connection = std::static_pointer_cast<RedisConnection>(
      async::kept_here("writer", [&]() -> std::shared_ptr<void> { return std::make_shared<RedisConnection>(options); }));
  auto replies = co_await connection->exchange(std::move(commands), options->runner_deadline, send);
  told.set_value(std::move(replies));
}

// One command with a key and many words, or several when they are too many.
class Calls {
 public:
  void add(const std::string& command, const std::string& key, std::string_view one, std::optional<std::string_view> two = {}) {
    auto& words = calls_[{key, command}];
    words.emplace_back(one);
    if (two) words.emplace_back(*two);
  }
  void append_to(std::vector<std::string>& keys, std::vector<std::string>& arguments) {
    for (auto& [call, words] : calls_) {
      for (std::size_t from = 0; from < words.size(); from += kWordsPerCall) {
        const std::size_t count = std::min(kWordsPerCall, words.size() - from);
        keys.push_back(call.first);
        arguments.push_back(call.second);
        arguments.push_back(std::to_string(count));
        for (std::size_t i = from; i < from + count; ++i) arguments.push_back(std::move(words[i]));
      }
    }
  }

 private:
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> calls_;
};

}  // namespace

RedisWriter::RedisWriter(std::shared_ptr<const RedisOptions> options, std::string view, unsigned version, std::vector<Space> spaces,
                         RedisRun run)
    : options_(std::move(options)),
      view_(std::move(view)),
      version_(version),
      spaces_(sorted(std::move(spaces))),
      keys_(RedisKeys::tag(options_->key_prefix, view_, version_)),
      building_(run == RedisRun::rebuild) {}

RedisWriter::~RedisWriter() = default;

Result<std::vector<Reply>> RedisWriter::ask(Commands commands, Send send) {
  if (!thread_) thread_ = std::make_unique<async::LoopThread>("view writer");
  std::promise<Replies> promise;
  auto told = promise.get_future();
  thread_->loop().spawn(exchange(options_, std::move(commands), send, std::move(promise)));
  auto replies = told.get();
  // What may be done twice need not be known to have been done once.
  if (!replies && send == Send::again) return fail(Error{ErrorCode::unavailable, replies.error().reason, replies.error().detail, "", 1});
  return replies;
}

Result<Reply> RedisWriter::run_script(const Script& script, const std::vector<std::string>& keys, const std::vector<std::string>& words,
                                      Send send) {
  for (const bool by_name : {true, false}) {
    Commands commands;
    script.add_to(commands, by_name ? "EVALSHA" : "EVAL", by_name ? Script::Call::by_name : Script::Call::by_source, keys, words);
    auto replies = ask(std::move(commands), send);
    if (!replies) return forward(replies);
    Reply& reply = replies->front();
    if (!reply.is(Reply::Kind::error)) return std::move(reply);
    if (!by_name || !reply.text.starts_with("NOSCRIPT")) return redis_refused(reply.text);
  }
  return redis_refused("NOSCRIPT");
}

// ---- where the view stands

// What an earlier rebuild left unfinished goes.
Result<void> RedisWriter::begin_building() {
  if (!building_ || begun_) return {};
  if (auto retired = retire(keys_, keys_.building(), Instant::from_milliseconds(0)); !retired) return retired;
  begun_ = true;
  return {};
}

Result<std::optional<RedisMeta>> RedisWriter::find() {
  if (auto begun = begin_building(); !begun) return forward(begun);
  for (;;) {
    Commands commands;
    add_meta_question(commands, meta_key());
    auto replies = ask(std::move(commands), Send::again);
    if (!replies) return forward(replies);
    auto meta = parse_meta(replies->front());
    if (!meta) return meta;
    if (building_ && built_something_ && !(*meta && layout_ && (*meta)->layout.generation == layout_->generation)) {
      // Switched without our hearing of it, flushed, or given up for another rebuild: what is read now is where to go on.
      log::info("a rebuild is over", {{"view", view_}});
      building_ = false;
      layout_.reset();
      continue;
    }
    layout_ = *meta ? std::optional((*meta)->layout) : std::nullopt;
    position_ = *meta ? std::optional((*meta)->state.anchor.position) : std::nullopt;
    built_something_ = *meta && building_;
    return meta;
  }
}

Result<std::optional<State>> RedisWriter::state() {
  const std::lock_guard lock(mutex_);
  auto meta = find();
  if (!meta) return forward(meta);
  return *meta ? std::optional(std::move((*meta)->state)) : std::nullopt;
}

// Of the view as last found; of a new one where there is none.
Result<const Layout*> RedisWriter::layout() {
  if (!layout_) {
    if (auto meta = find(); !meta) return forward(meta);
  }
  if (!layout_) layout_ = new_layout(options_->buckets, spaces_);
  return &*layout_;
}

// ---- reading and writing

Result<std::vector<std::optional<std::string>>> RedisWriter::load(const std::vector<PointKey>& keys) {
  const std::lock_guard lock(mutex_);
  const auto where = layout();
  if (!where) return forward(where);
  std::vector<std::optional<std::string>> values;
  if (keys.empty()) return values;
  Commands commands;
  for (const PointKey& key : keys) {
    const std::string bucket = keys_.points(**where, key.space, key.key);
    commands.add({"HGET", bucket, key.key});
  }
  auto replies = ask(std::move(commands), Send::again);
  if (!replies) return forward(replies);
  for (Reply& reply : *replies) {
    if (reply.is(Reply::Kind::error)) return redis_refused(reply.text);
    values.push_back(reply.is(Reply::Kind::text) ? std::optional(std::move(reply.text)) : std::nullopt);
  }
  return values;
}

Result<void> RedisWriter::apply(const std::optional<Position>& expected, const Changes& changes, const State& next) {
  const std::lock_guard lock(mutex_);
  // A view that was switched or made anew by somebody, and stands where it should: once more, in its own place.
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto applied = apply_once(expected, changes, next);
    if (!applied) return forward(applied);
    if (*applied) return {};
    auto found = find();
    if (!found) return forward(found);
    if (position_ != expected) return view_moved(expected, position_);
  }
  return view_moved(expected, position_);
}

// False: the view is elsewhere, nothing was done.
Result<bool> RedisWriter::apply_once(const std::optional<Position>& expected, const Changes& changes, const State& next) {
  const auto where = layout();
  if (!where) return forward(where);
  Calls calls;
  for (const auto& [key, value] : changes.points) {
    const std::string bucket = keys_.points(**where, key.space, key.key);
    value ? calls.add("HSET", bucket, key.key, *value) : calls.add("HDEL", bucket, key.key);
  }
  for (const auto& [key, there] : changes.index) {
    const std::string index = keys_.index(**where, key.space);
    there ? calls.add("ZADD", index, "0", key.key) : calls.add("ZREM", index, key.key);
  }
  const std::vector<std::string> meta = meta_pairs(**where, next);
  std::vector<std::string> keys{meta_key()};
  std::vector<std::string> words{position_text(expected), (*where)->generation, std::to_string(meta.size())};
  words.insert(words.end(), meta.begin(), meta.end());
  calls.append_to(keys, words);
  // A crash before: the view is where it was. After: it has moved, and nobody was told.
  const auto reply = QUICKLIME_DURABLE("redis.apply", run_script(apply_script(), keys, words, Send::once));
  if (!reply) {
    if (reply.error().code == ErrorCode::outcome_unknown) return outcome_unknown(reply.error());
    return forward(reply);
  }
  if (!reply->is(Reply::Kind::integer)) return false;
  position_ = next.anchor.position;
  built_something_ = building_;
  return true;
}

Result<void> RedisWriter::reset() {
  const std::lock_guard lock(mutex_);
  if (auto retired = retire(keys_, meta_key(), Instant::from_milliseconds(0)); !retired) return retired;
  layout_.reset();
  position_.reset();
  built_something_ = false;
  return drop_due(keys_, Instant::from_milliseconds(1));
}

// ---- freshness, and the switch

Result<Instant> RedisWriter::now() {
  const std::lock_guard lock(mutex_);
  Commands commands;
  commands.add({"TIME"});
  auto replies = ask(std::move(commands), Send::again);
  if (!replies) return forward(replies);
  return parse_time(replies->front());
}

Result<void> RedisWriter::caught_up(Instant noted) {
  {
    const std::lock_guard lock(mutex_);
    if (!position_ || !layout_) {
      if (auto found = find(); !found) return forward(found);
      if (!position_) return view_missing();
    }
    const std::string time = std::to_string(noted.milliseconds());
    const std::vector<std::string> words{layout_->generation, position_text(position_), time,
                                         std::to_string((noted + options_->keep_old).milliseconds())};
    const std::vector<std::string> both{keys_.building(), keys_.meta(), keys_.old()};
    const auto reply = building_ ? QUICKLIME_DURABLE("redis.switch", run_script(switch_script(), both, words, Send::once))
                                 : run_script(caught_up_script(), {keys_.meta()}, words, Send::again);
    if (!reply) return forward(reply);
    if (reply->integer != 1)
      return fail(ErrorCode::conflict, "view-moved", "the view is not where it was left at " + position_text(position_));
    if (building_) log::info("a view that was folded anew is read from now on", {{"view", view_}, {"position", position_text(position_)}});
    building_ = false;
  }
  const std::lock_guard lock(mutex_);
  drop_old();
  return {};
}

}  // namespace quicklime::views
