#include "views/redis_store.hpp"

#include <algorithm>
#include <atomic>

#include "async/here.hpp"
#include "views/redis_reads.hpp"
#include "views/redis_writer.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

using Values = std::vector<std::optional<std::string>>;

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

Values values_of(std::vector<Reply>& replies) {
  Values values;
  values.reserve(replies.size());
  for (Reply& reply : replies) values.push_back(reply.is(Reply::Kind::text) ? std::optional(std::move(reply.text)) : std::nullopt);
  return values;
}

class RedisStore final : public ViewStore {
 public:
  RedisStore(std::shared_ptr<const RedisOptions> options, const std::string& view, unsigned version, std::vector<Space> spaces,
             RedisRun run)
      : options_(options),
        keys_(std::make_shared<RedisKeys>(RedisKeys::tag(options->key_prefix, view, version))),
        spaces_(std::move(spaces)),
        kept_as_("redis " + std::to_string(next_number())),
        writer_(std::move(options), view, version, spaces_, run) {}

  // ---- readers

  async::Task<Result<Points>> get(std::vector<PointKey> keys) override {
    if (auto known = check(keys); !known) co_return forward(known);
    RedisReads::Question question(std::move(keys));
    auto answer = co_await reads()->ask(std::move(question));
    if (!answer) co_return forward(answer);
    co_return Points{std::move(answer->meta), values_of(answer->replies)};
  }

  async::Task<Result<Keys>> scan(Scan scan) override {
    if (!has(scan.space, SpaceKind::index)) co_return space_unknown(scan.space, SpaceKind::index);
    RedisReads::Question question(std::move(scan));
    auto answer = co_await reads()->ask(std::move(question));
    if (!answer) co_return forward(answer);
    Keys found{std::move(answer->meta), {}};
    for (Reply& key : answer->replies.at(0).list) found.keys.push_back(std::move(key.text));
    co_return found;
  }

  // ---- the runner

  Result<std::optional<State>> state() override { return writer_.state(); }

  Result<Values> load(const std::vector<PointKey>& keys) override {
    if (auto known = check(keys); !known) return forward(known);
    return writer_.load(keys);
  }

  Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next) override {
    for (const auto& [key, value] : changes.points) {
      if (!has(key.space, SpaceKind::points)) return space_unknown(key.space, SpaceKind::points);
    }
    for (const auto& [key, there] : changes.index) {
      if (!has(key.space, SpaceKind::index)) return space_unknown(key.space, SpaceKind::index);
    }
    return writer_.apply(expected, changes, next);
  }

  Result<void> reset() override { return writer_.reset(); }
  Result<Instant> now() override { return writer_.now(); }
  Result<void> caught_up(Instant noted) override { return writer_.caught_up(noted); }
  Result<std::string> dump() override { return writer_.dump(); }

 private:
  std::shared_ptr<RedisReads> reads() const {
    return std::static_pointer_cast<RedisReads>(
        async::kept_here(kept_as_, [this]() -> std::shared_ptr<void> { return std::make_shared<RedisReads>(options_, keys_); }));
  }

  bool has(const std::string& name, SpaceKind kind) const {
    return std::any_of(spaces_.begin(), spaces_.end(), [&](const Space& space) { return space.name == name && space.kind == kind; });
  }

  Result<void> check(const std::vector<PointKey>& keys) const {
    for (const PointKey& key : keys) {
      if (!has(key.space, SpaceKind::points)) return space_unknown(key.space, SpaceKind::points);
    }
    return {};
  }

  const std::shared_ptr<const RedisOptions> options_;
  const std::shared_ptr<const RedisKeys> keys_;
  const std::vector<Space> spaces_;
  const std::string kept_as_;
  RedisWriter writer_;
};

}  // namespace

std::unique_ptr<ViewStore> make_redis_store(RedisOptions options, const std::string& view, unsigned version, std::vector<Space> spaces,
                                            RedisRun run) {
  return std::make_unique<RedisStore>(std::make_shared<const RedisOptions>(std::move(options)), view, version, std::move(spaces), run);
}

}  // namespace quicklime::views
