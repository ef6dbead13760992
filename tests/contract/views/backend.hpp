#pragma once
// A view store of some backend in the hands of the contract suite. Another backend joins by adding
// its factory to backends(): nothing in the suite knows which ones there are.

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "views/view_store.hpp"

namespace quicklime::views::contract {

inline const std::vector<Space> kSpaces{{"status", SpaceKind::points}, {"by_name", SpaceKind::index}, {"labels", SpaceKind::points}};

class TestClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_milliseconds(now_); }
  void advance(Milliseconds time) { now_ += time.count(); }

 private:
  std::int64_t now_ = 1'800'000'000'000;
};

class Backend {
 public:
  virtual ~Backend() = default;
  // An empty view with kSpaces exists from construction on; this is a handle to it. Reads and the runner's calls may
  // go through different handles.
  virtual std::shared_ptr<ViewStore> open(const Clock& clock) = 0;
  // Whether the store's clock is the one given (and not a server's).
  virtual bool keeps_our_time() const = 0;
  // Nobody hears the end of the next apply.
  virtual void lose_next_outcome() = 0;
};

struct Factory {
  std::string name;
  std::function<std::unique_ptr<Backend>()> make;
};
inline void PrintTo(const Factory& factory, std::ostream* out) { *out << factory.name; }  // for GoogleTest
std::vector<Factory> backends();

Factory memory_backend();
Factory sqlite_backend();
Factory redis_backend();

// What main does instead of testing when it is started with this word: fills the view in a file.
inline constexpr const char* kApplyElsewhere = "--apply-elsewhere";
int apply_elsewhere_main(const char* file);
// The same, for the view behind a redis-server's socket.
inline constexpr const char* kApplyInRedis = "--apply-in-redis";
int apply_in_redis_main(const char* socket);

// How many cases ran on each backend, printed by main at the end.
void count_case(const std::string& backend);
void print_cases();

}  // namespace quicklime::views::contract
