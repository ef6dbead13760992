#pragma once
// The language of the runner's tests: a log, views that count how often each key was blocked, faults.

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <thread>

#include "async/task.hpp"
#include "eventlog/event_writer.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "faulty_store.hpp"
#include "views/runner.hpp"

namespace quicklime::views {

using namespace std::chrono_literals;

inline events::Event event_of(events::Data data, events::Writer writer = {"init", 1}) {
  return events::Event{EventId("01890a5d-ac96-774b-bcce-b302099a8057"),
                       Instant::from_seconds(1'800'000'000),
                       std::move(writer),
                       {events::Actor::Kind::control, "0"},
                       RequestId("request"),
                       {},
                       {},
                       {},
                       std::move(data)};
}

inline const std::vector<Space> kCountSpaces{{"counts", SpaceKind::points}, {"keys", SpaceKind::index}};

// counts[key] = how often it was blocked, keys = which were: an event that is folded twice, left out or folded
// without those before it in its batch shows.
inline Projection counting(std::string name = "counting", unsigned version = 1) {
  return Projection{std::move(name), version, kCountSpaces, [](const Record& record, Fold& fold) -> Result<void> {
                      if (const auto* blocked = std::get_if<events::KeyBlocked>(&record.event.data)) {
                        const auto before = fold.get("counts", blocked->key_sha256);
                        fold.put("counts", blocked->key_sha256, std::to_string(before ? std::stoi(*before) + 1 : 1));
                        fold.insert("keys", blocked->key_sha256);
                      }
                      return {};
                    }};
}
// The same, and fails at a token.revoked, having changed something for it.
inline Projection contradicting(std::string name = "contradicting") {
  Projection projection = counting(std::move(name));
  projection.apply = [count = projection.apply](const Record& record, Fold& fold) -> Result<void> {
    if (!std::holds_alternative<events::TokenRevoked>(record.event.data)) return count(record, fold);
    fold.put("counts", "half", "done");
    return fail(ErrorCode::internal, "log-contradiction", "a token that never was is revoked");
  };
  return projection;
}

class RunnerTest : public testing::Test {
 protected:
  std::unique_ptr<FaultyStore> new_store() { return std::make_unique<FaultyStore>(make_memory_store(kCountSpaces, clock_)); }
  // Beside store_, for runner_: its thread may look at it until it ends, behind the end of the test.
  std::shared_ptr<FaultyStore> another_store() { return others_.emplace_back(new_store()); }
  std::unique_ptr<Runner> new_runner(std::vector<Runner::View> views, std::size_t batch = 1000) {
    return std::make_unique<Runner>(*log_, std::move(views), RunnerOptions{batch, Milliseconds(20)}, metrics_);
  }
  // One runner for store_ under way.
  void run(Projection projection = counting(), std::size_t batch = 1000) {
    runner_ = new_runner({{std::move(projection), store_.get()}}, batch);
    runner_->start();
  }

  Result<eventlog::Appended> append(events::Data data) {
    return async::run_to_end(writer_.append({{events::Actor::Kind::control, "0"}, {RequestId("request")}, {}, {}, {}, std::move(data)}));
  }
  void block(const std::string& key) { (void)append(events::KeyBlocked{key}); }
  void block_many(int from, int to) {
    for (int i = from; i < to; ++i) block("key " + std::to_string(i % 7));
  }

  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  static std::optional<std::uint64_t> position(ViewStore& store) {
    const auto state = store.state();
    return state && *state ? std::optional((*state)->anchor.position.offset) : std::nullopt;
  }
  // Until the view has everything that is in the log.
  bool caught_up(ViewStore& store) {
    const auto end = log_->end()->offset;
    return eventually([&] { return position(store) == end - 1; });
  }
  bool stops(std::size_t view = 0) {
    return eventually([&] { return !runner_->status().at(view).stopped.empty(); });
  }
  // What one untroubled fold of the whole log gives.
  std::string expected_dump() {
    auto store = new_store();
    auto runner = new_runner({{counting("expected"), store.get()}});
    runner->start();
    EXPECT_TRUE(caught_up(*store));
    return *store->dump();
  }
  std::uint64_t counted(const std::string& metric, const std::string& view = "counting") {
    return metrics_.counter(metric, "", {{"view", view}}).value();
  }

  SystemClock clock_;
  metrics::Registry metrics_;
  std::unique_ptr<eventlog::MemoryLog> log_ =
      eventlog::make_memory_log(LogId("log"), events::encode(event_of(events::LogCreated{LogId("log")})));
  eventlog::EventWriter writer_{*log_, clock_};
  std::unique_ptr<FaultyStore> store_ = new_store();
  std::vector<std::shared_ptr<FaultyStore>> others_;
  std::unique_ptr<Runner> runner_;
};

}  // namespace quicklime::views
