// What of a view in Redis is no longer read, and the canonical dump of what is.

#include <algorithm>
#include <charconv>
#include <map>
#include <sstream>

#include "base/logging.hpp"
#include "views/redis_writer.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

constexpr std::size_t kKeysPerCommand = 1'000;
constexpr Milliseconds kDropInterval{60'000};
constexpr unsigned kVersionsBack = 8;
constexpr std::size_t kBucketsPerExchange = 512;
constexpr int kDumpAttempts = 10;

Instant time_of(const Reply& field) {
  std::int64_t value = 0;
  std::from_chars(field.text.data(), field.text.data() + field.text.size(), value);
  return Instant::from_milliseconds(value);
}

}  // namespace

// ---- dropping

// The view under this meta is no more; its data goes when it is due.
Result<void> RedisWriter::retire(const RedisKeys& keys, const std::string& meta, Instant due) {
  const auto reply = run_script(retire_script(), {meta, keys.old()}, {std::to_string(due.milliseconds())}, Send::again);
  if (!reply) return forward(reply);
  return {};
}

// Now and then; what fails is tried again then.
void RedisWriter::drop_old() {
  const auto time = std::chrono::steady_clock::now();
  if (time < drop_at_) return;
  drop_at_ = time + std::min(kDropInterval, options_->keep_old / 2);
  Commands commands;
  commands.add({"TIME"});
  auto replies = ask(std::move(commands), Send::again);
  if (!replies) return;
  const auto now = parse_time(replies->front());
  if (!now) return;
  const unsigned first = version_ > kVersionsBack ? version_ - kVersionsBack : 0;
  for (unsigned version = first; version <= version_; ++version) {
    if (auto dropped = drop_old_of(version, *now); !dropped) {
      log::warning("what is left of an old view stays for now", {{"view", view_}, {"detail", dropped.error().detail}});
      return;
    }
  }
}

Result<void> RedisWriter::drop_old_of(unsigned version, Instant now) {
  const RedisKeys keys(RedisKeys::tag(options_->key_prefix, view_, version));
  Commands commands;
  commands.add({"HGET", keys_.meta(), "current_since"});
  commands.add({"HGET", keys.meta(), "touched_at"});
  commands.add({"HGET", keys.meta(), "caught_up_at"});
  commands.add({"HGET", keys.building(), "touched_at"});
  auto replies = ask(std::move(commands), Send::again);
  if (!replies) return forward(replies);
  for (const Reply& reply : *replies) {
    if (reply.is(Reply::Kind::error)) return redis_refused(reply.text);
  }
  const auto passed = [&](std::size_t i) { return now - time_of((*replies)[i]) > options_->keep_old; };
  const auto there = [&](std::size_t i) { return (*replies)[i].is(Reply::Kind::text); };
  // An older version whose own runner has been silent as long as this one is current; a rebuild that nobody goes on with.
  if (version < version_ && there(1) && passed(0) && passed(1) && passed(2)) {
    if (auto retired = retire(keys, keys.meta(), now); !retired) return retired;
  }
  if (there(3) && passed(3)) {
    if (auto retired = retire(keys, keys.building(), now); !retired) return retired;
  }
  return drop_due(keys, now);
}

Result<void> RedisWriter::drop_due(const RedisKeys& keys, Instant now) {
  Commands question;
  question.add({"HGETALL", keys.old()});
  auto replies = ask(std::move(question), Send::again);
  if (!replies) return forward(replies);
  const std::vector<Reply>& fields = replies->front().list;
  for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
    std::istringstream said(fields[i + 1].text);  // "due buckets spaces"
    std::int64_t due = 0;
    Layout layout{fields[i].text, 0, {}};
    said >> due >> layout.buckets >> std::ws;
    std::getline(said, layout.spaces);
    if (Instant::from_milliseconds(due) > now) continue;
    const std::vector<std::string> gone = keys.all(layout);
    for (std::size_t from = 0; from < gone.size(); from += kKeysPerCommand) {
      std::vector<std::string_view> words{"UNLINK"};
      for (std::size_t k = from; k < std::min(gone.size(), from + kKeysPerCommand); ++k) words.push_back(gone[k]);
      Commands unlink;
      unlink.add(words);
      if (auto done = ask(std::move(unlink), Send::again); !done) return forward(done);
    }
    Commands forget;
    forget.add({"HDEL", keys.old(), layout.generation});
    if (auto done = ask(std::move(forget), Send::again); !done) return forward(done);
    log::info("an old view is gone", {{"view", view_}, {"generation", layout.generation}});
  }
  return {};
}

// ---- dump

Result<std::string> RedisWriter::dump() {
  const std::lock_guard lock(mutex_);
  for (int attempt = 0; attempt < kDumpAttempts; ++attempt) {
    auto text = dump_once();
    if (!text) return forward(text);
    if (*text) return std::move(**text);
  }
  return fail(Error{ErrorCode::unavailable, "view-moving", "the view changes faster than it can be dumped; stop its projector", "", 1});
}

// Nullopt: it changed meanwhile. Piece by piece, so that Redis serves others between.
Result<std::optional<std::string>> RedisWriter::dump_once() {
  const auto found = find();
  if (!found) return forward(found);
  if (!*found) return std::optional(dump_end(std::nullopt));
  const Layout layout = (*found)->layout;
  const Position position = (*found)->state.anchor.position;
  std::string text;
  for (const Space& space : spaces_) {
    std::map<std::string, std::string> lines;
    const std::size_t pieces = space.kind == SpaceKind::points ? layout.buckets : 1;
    for (std::size_t from = 0; from < pieces; from += kBucketsPerExchange) {
      Commands commands;
      for (std::size_t i = from; i < std::min(pieces, from + kBucketsPerExchange); ++i) {
        const bool points = space.kind == SpaceKind::points;
        const std::string key = points ? keys_.bucket(layout, space.name, i) : keys_.index(layout, space.name);
        points ? commands.add({"HGETALL", key}) : commands.add({"ZRANGEBYLEX", key, "-", "+"});
      }
      auto replies = ask(std::move(commands), Send::again);
      if (!replies) return forward(replies);
      for (const Reply& reply : *replies) {
        if (reply.is(Reply::Kind::error)) return redis_refused(reply.text);
        const std::size_t step = space.kind == SpaceKind::points ? 2 : 1;
        for (std::size_t i = 0; i + step <= reply.list.size(); i += step) {
          const std::string& key = reply.list[i].text;
          lines[key] = dump_line(space, key, step == 2 ? reply.list[i + 1].text : std::string());
        }
      }
    }
    for (const auto& [key, line] : lines) text += line;
  }
  const auto after = find();
  if (!after) return forward(after);
  if (!*after || (*after)->layout != layout || (*after)->state.anchor.position != position) return std::nullopt;
  return std::optional(text + dump_end(position));
}

}  // namespace quicklime::views
