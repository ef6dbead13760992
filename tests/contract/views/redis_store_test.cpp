// What only a view in Redis can get wrong: the server in trouble, what is sent when, and who may do what.

#include <latch>

#include "redis_fixture.hpp"
#include "views/view.hpp"

namespace quicklime::views::contract {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// ---- the server in trouble

TEST_F(RedisStore, KilledServerIsUnavailableAtOnceAndAnEmptyOneIsMissing) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  ASSERT_EQ(value(*store), "one");
  server_.kill();
  const auto begun = SteadyClock::now();
  const auto lost = get(*store);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().code, ErrorCode::unavailable);
  EXPECT_EQ(lost.error().reason, "redis-unreachable");
  EXPECT_NE(lost.error().detail.find(server_.socket()), std::string::npos) << lost.error().detail;
  EXPECT_LT(SteadyClock::now() - begun, 5s);
  EXPECT_EQ(apply(*store, 1, "two").error().code, ErrorCode::outcome_unknown);  // sent on a connection that had died
  EXPECT_EQ(store->state().error().code, ErrorCode::unavailable);
  server_.start();
  ASSERT_TRUE(eventually([&] { return store->state().has_value(); }));
  EXPECT_FALSE(store->state()->has_value());
  EXPECT_EQ(value(*store), "view-missing");
  EXPECT_EQ(apply(*store, 1, "two").error().reason, "view-moved");
  ASSERT_TRUE(apply(*store, 0, "one again"));
  EXPECT_EQ(value(*store), "one again");
}

TEST_F(RedisStore, AFlushBetweenTwoAppliesMovesTheViewAndLeavesNothingBehind) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  ASSERT_EQ(value(*store), "one");
  server_.ask({"FLUSHALL"});
  EXPECT_EQ(value(*store), "view-missing");
  EXPECT_EQ(apply(*store, 1, "two").error().reason, "view-moved");
  EXPECT_EQ(keys(), 0U);
  ASSERT_TRUE(apply(*store, 0, "one"));
  EXPECT_EQ(value(*store), "one");
}

TEST_F(RedisStore, AnOlderCopyGoesOnFromWhereItIsAndNobodyAnswersFromIt) {
  const auto store = open();
  View view("ocsp", *store, View::Notified::by_polling);
  ASSERT_TRUE(apply(*store, 0, "one"));
  server_.ask({"SAVE"});
  ASSERT_TRUE(apply(*store, 1, "two"));
  ASSERT_TRUE(async::run_to_end(view.meta()));
  server_.kill();
  server_.start();
  ASSERT_TRUE(eventually([&] { return store->state().has_value(); }));
  EXPECT_EQ((*store->state())->anchor.position, (Position{0, 0}));
  EXPECT_EQ(async::run_to_end(view.meta()).error().reason, "view-went-back");
  ASSERT_TRUE(apply(*store, 1, "two"));
  EXPECT_TRUE(async::run_to_end(view.meta()));
  EXPECT_EQ(value(*store), "two");
}

TEST_F(RedisStore, FrozenServerFailsWithinTheDeadlineAndComesBack) {
  RedisOptions options = server_.options();
  options.read_deadline = 50ms;
  options.runner_deadline = 1s;
  options.connect_deadline = 300ms;
  const auto store = open(std::move(options));
  ASSERT_TRUE(apply(*store, 0, "one"));
  async::LoopThread loop("reader");
  const auto read = [&] {
    std::latch done(1);
    std::string reason = "none";
    loop.loop().spawn([](ViewStore& from, std::string& told, std::latch& ended) -> async::Task<void> {
      std::vector<PointKey> keys;
      const auto points = co_await from.get(std::move(keys));
      if (!points) told = points.error().reason;
      ended.count_down();
    }(*store, reason, done));
    done.wait();
    return reason;
  };
  ASSERT_TRUE(eventually([&] { return read() == "none"; }));
  server_.freeze();
  for (int i = 0; i < 10; ++i) {
    const auto begun = SteadyClock::now();
    const std::string reason = read();
    EXPECT_TRUE(reason == "redis-deadline" || reason == "redis-unreachable") << reason;
    EXPECT_LT(SteadyClock::now() - begun, 3s) << i;  // the deadline of others is 10 s
  }
  const auto begun = SteadyClock::now();
  EXPECT_EQ(apply(*store, 1, "two").error().code, ErrorCode::outcome_unknown);
  EXPECT_LT(SteadyClock::now() - begun, 5s);
  server_.thaw();
  EXPECT_TRUE(eventually([&] { return read() == "none"; }));
  // What was sent to the frozen server may have landed, and the state says so.
  ASSERT_TRUE(eventually([&] { return store->state().has_value(); }));
  const auto stands = (*store->state())->anchor.position.offset;
  if (stands == 0) {
    EXPECT_TRUE(apply(*store, 1, "two"));
  }
  EXPECT_TRUE(eventually([&] { return value(*store) == "two"; }));
}

TEST_F(RedisStore, AConnectionThatWasClosedMeanwhileIsReplaced) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  server_.ask({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  EXPECT_TRUE(store->load({{"status", "a"}}));
  EXPECT_TRUE(apply(*store, 1, "two"));
}

// ---- refusals are whole

TEST_F(RedisStore, OutOfMemoryIsRefusedWhole) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  server_.ask({"CONFIG", "SET", "maxmemory", "1"});
  const auto refused = apply(*store, 1, "two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "redis-refused");
  EXPECT_NE(refused.error().detail.find("OOM"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(value(*store), "one");  // reads go on
  server_.ask({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ((*store->state())->anchor.position, (Position{0, 0}));
  EXPECT_TRUE(apply(*store, 1, "two"));
}

TEST_F(RedisStore, AReplicaRefusesWritesWhole) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  server_.ask({"REPLICAOF", "127.0.0.1", "1"});
  const auto refused = apply(*store, 1, "two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().detail.find("READONLY"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(value(*store), "one");
  server_.ask({"REPLICAOF", "NO", "ONE"});
  EXPECT_TRUE(apply(*store, 1, "two"));
}

TEST_F(RedisStore, AKeyOfAnotherTypeIsRefusedWhole) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  const std::string before = *store->dump();
  std::string index;
  for (const Reply& key : server_.ask({"KEYS", "*:i:by_name"}).list) index = key.text;
  server_.ask({"RENAME", index, "aside"});
  server_.ask({"SET", index, "a string"});
  const auto refused = apply(*store, 1, "two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().detail.find("WRONGTYPE"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(async::run_to_end(store->scan(Scan{"by_name"})).error().reason, "redis-refused");
  server_.ask({"RENAME", "aside", index});
  EXPECT_EQ(*store->dump(), before);
}

TEST_F(RedisStore, ManyChangesAreOneStep) {
  const auto store = open();
  Changes changes;
  for (int i = 0; i < 20'000; ++i) {
    changes.points[PointKey{"status", "key " + std::to_string(i)}] = std::to_string(i);
    changes.index[PointKey{"by_name", std::to_string(i)}] = true;
  }
  ASSERT_TRUE(store->apply(std::nullopt, changes, State{anchor_of(0), 1, ""}));
  EXPECT_EQ(get(*store, {{"status", "key 19999"}})->values.at(0), "19999");
  Scan all{"by_name"};
  all.limit = 100'000;
  EXPECT_EQ(async::run_to_end(store->scan(all))->keys.size(), 20'000U);
  for (auto& [key, there] : changes.index) there = false;
  for (auto& [key, put] : changes.points) put.reset();
  ASSERT_TRUE(store->apply(Position{0, 0}, changes, State{anchor_of(1), 1, ""}));
  EXPECT_EQ(*store->dump(), "position 0.1\n");
}

// ---- one round trip

TEST_F(RedisStore, WhatIsAskedInOneTurnIsOneScriptThatReadsEachThingOnce) {
  const auto store = open();
  ASSERT_TRUE(apply(*store, 0, "one"));
  async::LoopThread loop("reader");
  const auto ask_many = [&](int count) {
    std::latch done(count);
    // Posted as one, so that all are asked in one turn.
    loop.loop().post([&] {
      for (int i = 0; i < count; ++i) {
        loop.loop().spawn([](ViewStore& from, std::latch& ended, int number) -> async::Task<void> {
          std::vector<PointKey> keys(1, PointKey{"status", "a"});
          keys.push_back(PointKey{"status", "missing " + std::to_string(number / 2)});
          keys.push_back(PointKey{"status", "a"});
          const auto points = co_await from.get(std::move(keys));
          EXPECT_TRUE(points && points->values.at(0) == "one" && !points->values.at(1) && points->values.at(2) == "one");
          ended.count_down();
        }(*store, done, i));
      }
    });
    done.wait();
  };
  ask_many(1);
  server_.ask({"CONFIG", "RESETSTAT"});
  ask_many(100);
  const std::string stats = server_.ask({"INFO", "commandstats"}).text;
  EXPECT_NE(stats.find("cmdstat_evalsha_ro:calls=1,"), std::string::npos) << stats;
  EXPECT_NE(stats.find("cmdstat_hget:calls=51,"), std::string::npos) << stats;
}

// ---- who may do what

TEST_F(RedisStore, TheReaderReadsEverythingAndWritesNothing) {
  server_.ask({"ACL",   "SETUSER", "projector", "reset",        "on",      ">secret-p", "~test:{ocsp:*", "+auth",    "+client|setname",
               "+time", "+exec",   "+eval",     "+evalsha",     "+type",   "+hget",     "+hmget",        "+hgetall", "+hset",
               "+hdel", "+zadd",   "+zrem",     "+zrangebylex", "+rename", "+del",      "+unlink"});
  server_.ask({"ACL", "SETUSER", "reader", "reset", "on", ">secret-r", "%R~test:{ocsp:*", "+auth", "+client|setname", "+time", "+eval_ro",
               "+evalsha_ro", "+hget", "+hmget", "+zrangebylex", "+zrevrangebylex"});
  server_.ask({"ACL", "SETUSER", "default", "resetpass", ">root"});
  const auto as = [&](const std::string& user, const std::string& password, RedisRun run = RedisRun::follow) {
    RedisOptions options = server_.options();
    options.user = user;
    options.password = Secret::copy_of(password);
    options.keep_old = 0ms;
    return open(std::move(options), run);
  };
  const auto projector = as("projector", "secret-p");
  ASSERT_TRUE(apply(*projector, 0, "one"));
  ASSERT_TRUE(projector->state());
  ASSERT_TRUE(projector->load({{"status", "a"}}));
  ASSERT_TRUE(projector->caught_up(*projector->now()));
  ASSERT_TRUE(projector->dump());

  const auto reader = as("reader", "secret-r");
  EXPECT_EQ(value(*reader), "one");
  EXPECT_EQ(async::run_to_end(reader->scan(Scan{"by_name"}))->keys.size(), 1U);
  EXPECT_EQ(async::run_to_end(reader->scan(Scan{"by_name", "", "", Direction::descending}))->keys.size(), 1U);
  const auto refused = apply(*reader, 1, "two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "redis-refused");
  EXPECT_NE(refused.error().detail.find("NOPERM"), std::string::npos) << refused.error().detail;
  EXPECT_FALSE(reader->reset());
  EXPECT_FALSE(reader->caught_up(Instant::from_milliseconds(1)));
  EXPECT_EQ(value(*reader), "one");

  // Also where the command line has more to say than the store.
  const auto raw = [&](const std::string& user, const std::string& password, const std::vector<std::string_view>& words) {
    RedisOptions options = server_.options();
    options.user = user;
    options.password = Secret::copy_of(password);
    return server_.ask_as(std::move(options), words);
  };
  const std::string meta = "test:{ocsp:v1}:meta";
  for (const std::vector<std::string_view>& words :
       std::vector<std::vector<std::string_view>>{{"HSET", meta, "position", "0.9"},
                                                  {"DEL", meta},
                                                  {"UNLINK", meta},
                                                  {"RENAME", meta, "x"},
                                                  {"SET", "x", "y"},
                                                  {"FLUSHALL"},
                                                  {"EVAL", "return redis.call('DEL', KEYS[1])", "1", meta},
                                                  {"SCRIPT", "FLUSH"},
                                                  {"CONFIG", "GET", "*"},
                                                  {"KEYS", "*"},
                                                  {"HGET", "test:{issuance:v1}:meta", "position"}}) {
    const Reply reply = raw("reader", "secret-r", words);
    EXPECT_TRUE(reply.is(Reply::Kind::error) && reply.text.starts_with("NOPERM")) << words.at(0) << ": " << reply.text;
  }
  for (const std::vector<std::string_view>& words : std::vector<std::vector<std::string_view>>{
           {"HSET", "test:{issuance:v1}:meta", "position", "0.9"}, {"HGET", "test:{issuance:v1}:meta", "position"}, {"FLUSHALL"}}) {
    EXPECT_TRUE(raw("projector", "secret-p", words).text.starts_with("NOPERM")) << words.at(0);
  }

  // The projector can rebuild, drop and empty.
  const auto rebuild = as("projector", "secret-p", RedisRun::rebuild);
  ASSERT_TRUE(rebuild->state());
  ASSERT_TRUE(apply(*rebuild, 0, "rebuilt"));
  const auto switched = rebuild->caught_up(*rebuild->now());
  ASSERT_TRUE(switched) << switched.error().detail;
  EXPECT_EQ(value(*reader), "rebuilt");
  ASSERT_TRUE(rebuild->reset());
  EXPECT_EQ(value(*reader), "view-missing");
}

TEST_F(RedisStore, AWrongPasswordIsNamed) {
  server_.ask({"ACL", "SETUSER", "reader", "reset", "on", ">right"});
  RedisOptions options = server_.options();
  options.user = "reader";
  options.password = Secret::copy_of("wrong");
  const auto store = open(std::move(options));
  const auto refused = get(*store);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "redis-unreachable");
  EXPECT_NE(refused.error().detail.find("WRONGPASS"), std::string::npos) << refused.error().detail;
  EXPECT_EQ(refused.error().detail.find("wrong"), std::string::npos) << refused.error().detail;
}

// ---- waiting

TEST_F(RedisStore, WhoWaitsWakesWhenAnotherProcessHasApplied) {
  const auto writer = open();
  ASSERT_TRUE(apply(*writer, 0, "zero"));
  const auto reader = open();
  View view("ocsp", *reader, View::Notified::by_polling);
  std::thread projector([&] {
    std::this_thread::sleep_for(50ms);
    for (std::uint64_t i = 1; i <= 5; ++i) ASSERT_TRUE(apply(*writer, i, std::to_string(i)));
  });
  EXPECT_TRUE(async::run_to_end(view.reached(Position{0, 5}, 10s)));
  projector.join();
  EXPECT_EQ(async::run_to_end(view.reached(Position{0, 6}, 50ms)).error().reason, "view-behind");
  // Idle, the meta is as fresh as its question.
  ASSERT_TRUE(writer->caught_up(*writer->now()));
  const auto meta = async::run_to_end(view.meta());
  ASSERT_TRUE(meta);
  EXPECT_TRUE(require_fresh(*meta, 5s));
}

}  // namespace
}  // namespace quicklime::views::contract
