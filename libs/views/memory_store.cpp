#include "views/memory_store.hpp"

#include <algorithm>
#include <mutex>

#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

struct Content {
  std::map<std::string, std::map<std::string, std::string>> points;
  std::map<std::string, std::set<std::string>> index;
  std::optional<State> state;
  Instant caught_up_at = Instant::from_milliseconds(0);
};

class Store final : public MemoryStore {
 public:
  Store(const std::vector<Space>& spaces, const Clock& clock)
      : spaces_(sorted(spaces)), clock_(clock), content_(empty()), snapshot_(empty()) {}

  async::Task<Result<Points>> get(std::vector<PointKey> keys) override { co_return get_now(keys); }
  async::Task<Result<Keys>> scan(Scan scan) override { co_return scan_now(scan); }

  Result<std::optional<State>> state() override {
    std::lock_guard lock(mutex_);
    return content_.state;
  }

  Result<std::vector<std::optional<std::string>>> load(const std::vector<PointKey>& keys) override {
    std::lock_guard lock(mutex_);
    return values(keys);
  }

  Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next) override {
    std::lock_guard lock(mutex_);
    if (expected != position()) return view_moved(expected, position());
    for (const auto& [key, value] : changes.points) {
      if (!content_.points.contains(key.space)) return space_unknown(key.space, SpaceKind::points);
    }
    for (const auto& [key, there] : changes.index) {
      if (!content_.index.contains(key.space)) return space_unknown(key.space, SpaceKind::index);
    }
    const std::optional<bool> fault = std::exchange(fail_persisted_, std::nullopt);
    if (fault != false) write(changes, next);
    if (fault) return fail(ErrorCode::outcome_unknown, "view-outcome-unknown", "the view may or may not have taken the changes");
    return {};
  }

  Result<void> reset() override {
    std::lock_guard lock(mutex_);
    content_ = empty();
    return {};
  }

  Result<Instant> now() override { return clock_.now(); }

  Result<void> caught_up(Instant noted) override {
    std::lock_guard lock(mutex_);
    content_.caught_up_at = noted;
    return {};
  }

  Result<std::string> dump() override {
    std::lock_guard lock(mutex_);
    std::string text;
    for (const Space& space : spaces_) {
      if (space.kind == SpaceKind::points) {
        for (const auto& [key, value] : content_.points.at(space.name)) text += dump_line(space, key, value);
      } else {
        for (const auto& key : content_.index.at(space.name)) text += dump_line(space, key, {});
      }
    }
    return text + dump_end(position());
  }

  void flush() override { (void)reset(); }
  void take_snapshot() override {
    std::lock_guard lock(mutex_);
    snapshot_ = content_;
  }
  void roll_back_to_snapshot() override {
    std::lock_guard lock(mutex_);
    content_ = snapshot_;
  }
  void fail_next_apply(bool persisted) override {
    std::lock_guard lock(mutex_);
    fail_persisted_ = persisted;
  }

 private:
  Content empty() const {
    Content content;
    for (const Space& space : spaces_) {
      if (space.kind == SpaceKind::points) {
        content.points[space.name];
      } else {
        content.index[space.name];
      }
    }
    return content;
  }

  // ---- with the mutex held

  std::optional<Position> position() const { return content_.state ? std::optional(content_.state->anchor.position) : std::nullopt; }

  Result<Meta> meta() const {
    if (!content_.state) return view_missing();
    return Meta{content_.state->anchor, content_.state->version, content_.caught_up_at, clock_.now()};
  }

  Result<std::vector<std::optional<std::string>>> values(const std::vector<PointKey>& keys) const {
    std::vector<std::optional<std::string>> values;
    for (const PointKey& key : keys) {
      const auto space = content_.points.find(key.space);
      if (space == content_.points.end()) return space_unknown(key.space, SpaceKind::points);
      const auto found = space->second.find(key.key);
      values.push_back(found == space->second.end() ? std::nullopt : std::optional(found->second));
    }
    return values;
  }

  void write(const Changes& changes, const State& next) {
    for (const auto& [key, value] : changes.points) {
      if (value) {
        content_.points[key.space][key.key] = *value;
      } else {
        content_.points[key.space].erase(key.key);
      }
    }
    for (const auto& [key, there] : changes.index) {
      if (there) {
        content_.index[key.space].insert(key.key);
      } else {
        content_.index[key.space].erase(key.key);
      }
    }
    content_.state = next;
  }

  // ---- takes the mutex

  Result<Points> get_now(const std::vector<PointKey>& keys) {
    std::lock_guard lock(mutex_);
    auto now = meta();
    if (!now) return forward(now);
    auto found = values(keys);
    if (!found) return forward(found);
    return Points{std::move(*now), std::move(*found)};
  }

  Result<Keys> scan_now(const Scan& scan) {
    std::lock_guard lock(mutex_);
    auto now = meta();
    if (!now) return forward(now);
    const auto space = content_.index.find(scan.space);
    if (space == content_.index.end()) return space_unknown(scan.space, SpaceKind::index);
    const Range range = range_of(scan);
    Keys keys{std::move(*now), {}};
    if (range.upper && *range.upper <= range.lower) return keys;
    const auto first = space->second.lower_bound(range.lower);
    const auto last = range.upper ? space->second.lower_bound(*range.upper) : space->second.end();
    if (scan.direction == Direction::ascending) {
      for (auto key = first; key != last && keys.keys.size() < scan.limit; ++key) keys.keys.push_back(*key);
    } else {
      for (auto key = last; key != first && keys.keys.size() < scan.limit;) keys.keys.push_back(*--key);
    }
    return keys;
  }

  const std::vector<Space> spaces_;
  const Clock& clock_;
  std::mutex mutex_;
  Content content_;
  Content snapshot_;
  std::optional<bool> fail_persisted_;
};

}  // namespace

std::unique_ptr<MemoryStore> make_memory_store(const std::vector<Space>& spaces, const Clock& clock) {
  return std::make_unique<Store>(spaces, clock);
}

}  // namespace quicklime::views
