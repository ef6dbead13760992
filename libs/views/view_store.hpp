#pragma once
// Where one view lives: two kinds of space, atomic reads, compare-and-swap apply. A store holds
// data and its position; it knows no policy and no events.

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::views {

// points: key -> value. index: ordered keys without values. Keys and values are bytes; index keys are
// ordered as unsigned bytes.
enum class SpaceKind : std::uint8_t { points, index };
struct Space {
  std::string name;  // [a-z_]+
  SpaceKind kind;
};

// What a view says of itself with every read.
struct Meta {
  eventlog::Anchor anchor;
  unsigned version;      // of the projection that folded it
  Instant caught_up_at;  // the store's clock: everything that was in the log then is in the view; 0: never yet, see age()
  Instant read_at;       // the store's clock at this read; age = read_at - caught_up_at
  // When this process asked for it, on its own steady clock: that the process was stopped since is seen by nothing else.
  // Zero: nobody asked.
  std::chrono::steady_clock::time_point asked_at{};
};

struct PointKey {
  std::string space;
  std::string key;
  auto operator<=>(const PointKey&) const = default;
};

struct Points {
  Meta meta;
  std::vector<std::optional<std::string>> values;  // in the order asked
};
struct Keys {
  Meta meta;
  std::vector<std::string> keys;
};

enum class Direction : std::uint8_t { ascending, descending };

// The keys with this prefix, from `from` on (inclusive; "" is the end to start from) in this direction. A `from`
// without the prefix bounds them all the same.
struct Scan {
  std::string space;
  std::string prefix{};
  std::string from{};
  Direction direction = Direction::ascending;
  std::size_t limit = 100;
};

// What one or more events change, built by projections: the last word on each key counts.
struct Changes {
  std::map<PointKey, std::optional<std::string>> points;  // nullopt: erase
  std::map<PointKey, bool> index;                         // true: there, false: gone
};

// What the runner keeps beside the data: the store looks at the anchor alone, to compare positions.
struct State {
  eventlog::Anchor anchor;
  unsigned version;
  std::string writers;  // the runner's: which (incarnation, sequence) were seen, so that a repeated event is dropped
};

class ViewStore {
 public:
  virtual ~ViewStore() = default;

  // ---- readers: any loop. Data and meta in one atomic read. A view without meta (new, flushed) is
  // `unavailable` with "view-missing": absence of data is never an answer. get of no keys asks for the meta alone.
  virtual async::Task<Result<Points>> get(std::vector<PointKey> keys) = 0;
  virtual async::Task<Result<Keys>> scan(Scan scan) = 0;

  // ---- the runner: one thread, blocking.
  virtual Result<std::optional<State>> state() = 0;  // nullopt: nothing applied yet
  // Keyed reads for projections: as of the last apply.
  virtual Result<std::vector<std::optional<std::string>>> load(const std::vector<PointKey>& keys) = 0;
  // Changes and the new state, atomically, if the position is still `expected` (nullopt: an empty view).
  // "view-moved" (conflict): it is not, nothing was written: another runner, or a store that was rolled back.
  // outcome_unknown: ask state().
  virtual Result<void> apply(const std::optional<Position>& expected, const Changes& changes, const State& next) = 0;
  // Empties the view, its state included: a projection of another version folds it anew.
  virtual Result<void> reset() = 0;
  // The moment, on the store's clock, to note before asking the log for its end; and what was noted, once
  // applied up to that end.
  virtual Result<Instant> now() = 0;
  virtual Result<void> caught_up(Instant noted) = 0;

  // Every space in order, every key, hex; one line each, then the position. Equal views have equal dumps.
  virtual Result<std::string> dump() = 0;
};

}  // namespace quicklime::views
