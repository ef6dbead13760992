// The runner and the view in Redis together: whatever happens to the server, the view ends as one untroubled fold would.

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "async/task.hpp"
#include "eventlog/event_writer.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "redis_server.hpp"
#include "views/memory_store.hpp"
#include "views/runner.hpp"
#include "views/view.hpp"

namespace quicklime::views::contract {
namespace {

using namespace std::chrono_literals;

const std::vector<Space> kCounts{{"counts", SpaceKind::points}, {"keys", SpaceKind::index}};

// counts[key] = how often it was blocked, so that an event that counts twice or never shows.
Projection counting(unsigned version = 1) {
  Projection projection{"counting", version, kCounts, [](const Record& record, Fold& fold) -> Result<void> {
                          if (const auto* blocked = std::get_if<events::KeyBlocked>(&record.event.data)) {
                            const auto before = fold.get("counts", blocked->key_sha256);
                            fold.put("counts", blocked->key_sha256, std::to_string(before ? std::stoi(*before) + 1 : 1));
                            fold.insert("keys", blocked->key_sha256);
                          }
                          return {};
                        }};
  projection.reads = [](const events::Event& event) -> std::vector<PointKey> {
    if (const auto* blocked = std::get_if<events::KeyBlocked>(&event.data)) return {{"counts", blocked->key_sha256}};
    return {};
  };
  return projection;
}

std::string log_created() {
  return events::encode(events::Event{EventId("01890a5d-ac96-774b-bcce-b302099a8057"),
                                      Instant::from_seconds(1'800'000'000),
                                      {"init", 1},
                                      {events::Actor::Kind::control, "0"},
                                      RequestId("request"),
                                      {},
                                      {},
                                      {},
                                      events::LogCreated{LogId("log")}});
}

class RedisRunner : public testing::Test {
 protected:
  std::unique_ptr<ViewStore> open(RedisRun run = RedisRun::follow) {
    RedisOptions options = server_.options();
    options.runner_deadline = 300ms;
    return make_redis_store(std::move(options), "counting", 1, kCounts, run);
  }
  std::unique_ptr<Runner> start(ViewStore& store, std::size_t batch = 7) {
    std::vector<Runner::View> views;
    views.push_back({counting(), &store});
    auto runner = std::make_unique<Runner>(*log_, std::move(views), RunnerOptions{batch, 20ms}, metrics_);
    runner->start();
    return runner;
  }
  void block(int from, int to) {
    for (int i = from; i < to; ++i) {
      const auto done = async::run_to_end(writer_.append(
          {{events::Actor::Kind::control, "0"}, {RequestId("r")}, {}, {}, {}, events::KeyBlocked{"key " + std::to_string(i % 7)}}));
      ASSERT_TRUE(done);
    }
  }
  static bool eventually(const std::function<bool()>& holds) {
    const auto deadline = std::chrono::steady_clock::now() + 20s;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(2ms);
    }
    return true;
  }
  // Dumps of the view and of an untroubled fold of the same log are equal.
  bool comes_out_right() {
    const auto plain = make_memory_store(kCounts, clock_);
    const auto runner = start(*plain, 1000);
    const std::string last = "position 0." + std::to_string(log_->end()->offset - 1) + "\n";
    std::string expected;
    if (!eventually([&] { return (expected = *plain->dump()).ends_with(last); })) return false;
    const auto reader = open();
    return eventually([&] {
      const auto dump = reader->dump();
      return dump && *dump == expected;
    });
  }

  RedisServer server_;
  SystemClock clock_;
  metrics::Registry metrics_;
  std::unique_ptr<eventlog::MemoryLog> log_ = eventlog::make_memory_log(LogId("log"), log_created());
  eventlog::EventWriter writer_{*log_, clock_};
};

TEST_F(RedisRunner, FoldsAndSaysSoFresh) {
  const auto store = open();
  const auto runner = start(*store);
  block(0, 100);
  EXPECT_TRUE(comes_out_right());
  EXPECT_TRUE(eventually([&] { return runner->status().at(0).caught_up; }));
  const auto meta = async::run_to_end(store->get({}));
  ASSERT_TRUE(meta);
  EXPECT_TRUE(require_fresh(meta->meta, 5s));
}

TEST_F(RedisRunner, TwoOnOneViewFoldEveryEventOnce) {
  const auto one = open();
  const auto two = open();
  const auto first = start(*one, 3);
  const auto second = start(*two, 4);
  block(0, 150);
  EXPECT_TRUE(comes_out_right());
  EXPECT_EQ(first->status().at(0).stopped, "");
  EXPECT_EQ(second->status().at(0).stopped, "");
}

TEST_F(RedisRunner, OutlivesWhatHappensToTheServer) {
  const auto store = open();
  const auto runner = start(*store);
  block(0, 50);
  ASSERT_TRUE(comes_out_right());
  server_.ask({"FLUSHALL"});
  block(50, 60);
  EXPECT_TRUE(comes_out_right()) << "flushed";
  server_.ask({"SAVE"});
  block(60, 70);
  EXPECT_TRUE(comes_out_right());
  server_.kill();
  block(70, 80);
  server_.start();
  EXPECT_TRUE(comes_out_right()) << "an older copy";
  server_.kill();
  std::filesystem::remove(server_.directory() / "dump.rdb");
  server_.start();
  EXPECT_TRUE(comes_out_right()) << "empty";
  server_.freeze();
  block(80, 90);
  std::this_thread::sleep_for(800ms);
  server_.thaw();
  EXPECT_TRUE(comes_out_right()) << "frozen";
  server_.ask({"CONFIG", "SET", "maxmemory", "1"});
  block(90, 100);
  std::this_thread::sleep_for(100ms);
  server_.ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_TRUE(comes_out_right()) << "out of memory";
  server_.ask({"REPLICAOF", "127.0.0.1", "1"});
  block(100, 110);
  std::this_thread::sleep_for(100ms);
  server_.ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(comes_out_right()) << "a replica";
  EXPECT_EQ(runner->status().at(0).stopped, "");
}

TEST_F(RedisRunner, ARebuildBesideTheLiveOneUnderLoad) {
  const auto live = open();
  const auto runner = start(*live);
  block(0, 100);
  ASSERT_TRUE(comes_out_right());
  const auto reader = open();
  View view("counting", *reader, View::Notified::by_polling);
  ASSERT_TRUE(eventually([&] { return async::run_to_end(view.get({})).has_value(); }));
  const auto generation = [&] { return server_.ask({"HGET", "test:{counting:v1}:meta", "generation"}).text; };
  const std::string before = generation();
  const auto rebuild = open(RedisRun::rebuild);
  const auto rebuilder = start(*rebuild);
  for (int i = 100; i < 200; ++i) {
    block(i, i + 1);
    const auto points = async::run_to_end(view.get({{"counts", "key 1"}}));
    ASSERT_TRUE(points) << points.error().detail;  // served all the time, and never from before
    ASSERT_TRUE(points->values.at(0));
  }
  EXPECT_TRUE(eventually([&] { return rebuilder->status().at(0).caught_up; }));
  EXPECT_NE(generation(), before);
  block(200, 250);
  EXPECT_TRUE(comes_out_right());
  EXPECT_EQ(runner->status().at(0).stopped, "");
  EXPECT_EQ(rebuilder->status().at(0).stopped, "");
}

}  // namespace
}  // namespace quicklime::views::contract
