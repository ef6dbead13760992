#include "views/view.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "async/task.hpp"
#include "faulty_store.hpp"
#include "views/absence.hpp"

namespace quicklime::views {
namespace {

using namespace std::chrono_literals;

class ViewTest : public testing::Test {
 protected:
  static eventlog::Anchor anchor(Position position, const char* log = "log") { return {LogId(log), position, {}, {}}; }
  Meta meta(Position position) const { return Meta{anchor(position), 1, clock_.now(), clock_.now()}; }
  void stand_at(Position position, const char* log = "log") {
    const auto state = *store_.state();
    Changes changes;
    changes.points[PointKey{"p", "key"}] = position.text();
    changes.index[PointKey{"i", "key"}] = true;
    ASSERT_TRUE(store_.apply(state ? std::optional(state->anchor.position) : std::nullopt, changes, State{anchor(position, log), 1, ""}));
  }
  Result<Points> get(View& view) { return async::run_to_end(view.get({{"p", "key"}})); }
  Result<void> reached(View& view, Position position, Milliseconds within = 20s) {
    return async::run_to_end(view.reached(position, within));
  }

  SystemClock clock_;
  FaultyStore store_{make_memory_store({{"p", SpaceKind::points}, {"i", SpaceKind::index}}, clock_)};
  View view_{"test", store_, View::Notified::by_runner};
  View polling_{"test", store_, View::Notified::by_polling};
};

// ---- absence

TEST_F(ViewTest, WhatIsThereIsAnAnswerHoweverOldTheViewIs) {
  stand_at({0, 5});
  EXPECT_EQ(async::run_to_end(get_or_absent(view_, {"p", "key"}, 20s))->values.front(), "0.5");
  EXPECT_EQ(store_.gets, 1);
}

TEST_F(ViewTest, AbsenceIsAnAnswerOnceTheViewHasCaughtUpSince) {
  stand_at({0, 5});
  ASSERT_TRUE(store_.caught_up(clock_.now() - 1s));
  EXPECT_EQ(async::run_to_end(get_or_absent(view_, {"p", "none"}, 200ms)).error().reason, "view-stale") << "it was caught up before only";
  std::atomic<bool> asked = false;
  std::thread runner([&] {
    while (store_.gets < 6) std::this_thread::sleep_for(1ms);
    EXPECT_FALSE(asked);
    EXPECT_TRUE(store_.caught_up(clock_.now()));
  });
  store_.gets = 0;
  const auto absent = async::run_to_end(get_or_absent(view_, {"p", "none"}, 20s));
  asked = true;
  runner.join();
  ASSERT_TRUE(absent);
  EXPECT_EQ(absent->values.front(), std::nullopt);
}

TEST_F(ViewTest, WhatWasOnItsWayIsFound) {
  stand_at({0, 5});
  std::thread runner([&] {
    while (store_.gets < 2) std::this_thread::sleep_for(1ms);
    Changes changes;
    changes.points[PointKey{"p", "late"}] = "here";
    EXPECT_TRUE(store_.apply(Position{0, 5}, changes, State{anchor({0, 6}), 1, ""}));
  });
  const auto found = async::run_to_end(get_or_absent(view_, {"p", "late"}, 20s));
  runner.join();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->values.front(), "here");
}

// ---- reads

TEST_F(ViewTest, ReadsAreThoseOfTheStore) {
  stand_at({0, 5});
  EXPECT_EQ(get(view_)->values.at(0), "0.5");
  EXPECT_EQ(async::run_to_end(view_.scan(Scan{"i"}))->keys, std::vector<std::string>{"key"});
  EXPECT_EQ(view_.last_meta()->anchor.position, (Position{0, 5}));
}

TEST_F(ViewTest, MissingIsReadOnceMoreAndThenRefused) {
  EXPECT_EQ(get(view_).error().reason, "view-missing");
  EXPECT_EQ(store_.gets, 2);
  EXPECT_FALSE(view_.last_meta());
}

TEST_F(ViewTest, NeverAnswersFromBeforeWhatItHasAnsweredFrom) {
  stand_at({0, 5});
  store_.memory().take_snapshot();
  stand_at({0, 6});
  ASSERT_TRUE(get(view_));
  store_.memory().roll_back_to_snapshot();
  store_.gets = 0;
  const auto refused = get(view_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "view-went-back");
  EXPECT_EQ(store_.gets, 2);
  EXPECT_EQ(async::run_to_end(view_.scan(Scan{"i"})).error().reason, "view-went-back");
  stand_at({0, 6});
  EXPECT_TRUE(get(view_));
}

TEST_F(ViewTest, WhatTheRunnerToldIsAFloorToo) {
  stand_at({0, 5});
  view_.applied(meta({0, 6}));
  EXPECT_EQ(get(view_).error().reason, "view-went-back");
}

TEST_F(ViewTest, AnotherLogIsNoAnswerEither) {
  stand_at({0, 5});
  ASSERT_TRUE(get(view_));
  stand_at({0, 6}, "another log");
  EXPECT_EQ(get(view_).error().reason, "view-went-back");
}

// ---- waiting

TEST_F(ViewTest, ReachedAtOnceWhenItIs) {
  view_.applied(meta({0, 5}));
  EXPECT_TRUE(reached(view_, {0, 5}, 0ms));
  EXPECT_TRUE(reached(view_, {0, 3}, 0ms));
}

TEST_F(ViewTest, ReachedWhenTheRunnerSaysSo) {
  view_.applied(meta({0, 1}));
  std::thread runner([&] {
    for (std::uint64_t offset = 2; offset <= 5; ++offset) {
      std::this_thread::sleep_for(10ms);
      view_.applied(meta({0, offset}));
    }
  });
  EXPECT_TRUE(reached(view_, {0, 5}));
  runner.join();
  EXPECT_EQ(store_.gets, 0);  // waiting asked the store nothing
}

TEST_F(ViewTest, BehindIsUnavailableWithAdvice) {
  view_.applied(meta({0, 1}));
  const auto behind = reached(view_, {0, 2}, 30ms);
  ASSERT_FALSE(behind);
  EXPECT_EQ(behind.error().code, ErrorCode::unavailable);
  EXPECT_EQ(behind.error().reason, "view-behind");
  EXPECT_EQ(behind.error().retry_after_seconds, 1U);
}

TEST_F(ViewTest, APositionOfAnotherEpochIsAConflict) {
  view_.applied(meta({1, 5}));
  EXPECT_EQ(reached(view_, {0, 3}).error().reason, "position-of-another-epoch");
  EXPECT_EQ(reached(view_, {2, 3}).error().code, ErrorCode::conflict);
  EXPECT_TRUE(reached(view_, {1, 3}));
}

TEST_F(ViewTest, AnEpochThatEndsWhileWaitingIsAConflict) {
  view_.applied(meta({0, 5}));
  std::thread runner([&] {
    std::this_thread::sleep_for(30ms);
    view_.applied(meta({1, 6}));
  });
  EXPECT_EQ(reached(view_, {0, 6}).error().reason, "position-of-another-epoch");
  runner.join();
}

TEST_F(ViewTest, ManyWaitOnManyLoopsEachForItsOwn) {
  view_.applied(meta({0, 0}));
  std::latch waiting(100);
  std::latch done(100);
  std::atomic<int> right{0};
  async::LoopThread loops[2] = {async::LoopThread("a"), async::LoopThread("b")};
  for (std::uint64_t i = 1; i <= 100; ++i) {
    loops[i % 2].loop().spawn(
        [](View& view, std::uint64_t offset, std::latch& begun, std::latch& ended, std::atomic<int>& count) -> async::Task<void> {
          begun.count_down();
          const auto at = co_await view.reached(Position{0, offset}, 20s);
          if (at && view.last_meta()->anchor.position.offset >= offset) ++count;
          ended.count_down();
        }(view_, i, waiting, done, right));
  }
  waiting.wait();
  for (std::uint64_t i = 1; i <= 100; ++i) view_.applied(meta({0, i}));
  done.wait();
  EXPECT_EQ(right, 100);
}

TEST_F(ViewTest, PollingReachesWithoutBeingTold) {
  stand_at({0, 1});
  std::thread runner([&] {
    std::this_thread::sleep_for(30ms);
    stand_at({0, 7});
  });
  EXPECT_TRUE(reached(polling_, {0, 7}));
  runner.join();
  EXPECT_EQ(reached(polling_, {0, 8}, 20ms).error().reason, "view-behind");
}

TEST_F(ViewTest, PollsAreSharedByAllWhoWait) {
  stand_at({0, 1});
  std::latch done(200);
  const auto begun = std::chrono::steady_clock::now();
  {
    async::LoopThread loop("waiters");
    for (int i = 0; i < 200; ++i) {
      loop.loop().spawn([](View& view, std::latch& ended) -> async::Task<void> {
        EXPECT_FALSE(co_await view.reached(Position{0, 9}, 100ms));
        ended.count_down();
      }(polling_, done));
    }
    done.wait();
  }
  // One in 5 ms, however long they take; of their own there would be 200 times as many.
  const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - begun).count();
  EXPECT_LE(store_.gets, took / 5 + 2);
}

// ---- complete: a process that starts over a store that was filled before

TEST_F(ViewTest, AHalfFoldedViewIsNoAnswerToAnybody) {
  stand_at({0, 5});
  for (const auto complete : {Complete::once, Complete::since_start}) {
    const auto refused = async::run_to_end(polling_.get({{"p", "key"}}, complete));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(refused.error().reason, "view-incomplete");
    EXPECT_EQ(refused.error().retry_after_seconds, 1U);
  }
  EXPECT_EQ(async::run_to_end(polling_.scan(Scan{"i"})).error().reason, "view-incomplete");
  const auto meta = async::run_to_end(polling_.meta());
  ASSERT_TRUE(meta);
  EXPECT_FALSE(age(*meta)) << "never was complete: as old as nothing is";
  EXPECT_TRUE(reached(polling_, {0, 5})) << "waiting is no answer";
}

TEST_F(ViewTest, WhatWasCompleteBeforeTheStartIsBelievedOnlyForWhatSpeaksForItself) {
  stand_at({0, 5});
  ASSERT_TRUE(store_.caught_up(clock_.now() - 1s));
  EXPECT_EQ(get(polling_).error().reason, "view-incomplete");
  EXPECT_EQ(async::run_to_end(polling_.get({{"p", "key"}}, Complete::once))->values.at(0), "0.5");
  EXPECT_EQ(async::run_to_end(polling_.scan(Scan{"i"}, Complete::once))->keys.size(), 1U);

  ASSERT_TRUE(store_.caught_up(clock_.now()));
  EXPECT_EQ(get(polling_)->values.at(0), "0.5");
  std::this_thread::sleep_for(20ms);
  EXPECT_TRUE(get(polling_)) << "it ages, and stays complete since the start";
}

TEST_F(ViewTest, WhatSpeaksForItselfMayGoBackAndNothingElse) {
  stand_at({0, 5});
  ASSERT_TRUE(store_.caught_up(clock_.now()));
  store_.memory().take_snapshot();
  stand_at({0, 6});
  ASSERT_TRUE(store_.caught_up(clock_.now()));
  ASSERT_TRUE(async::run_to_end(polling_.meta()));
  store_.memory().roll_back_to_snapshot();
  EXPECT_EQ(get(polling_).error().reason, "view-went-back");
  EXPECT_EQ(async::run_to_end(polling_.get({{"p", "key"}}, Complete::once))->values.at(0), "0.5");
}

TEST_F(ViewTest, NeverBelowWhatAnEarlierProcessSaw) {
  stand_at({0, 5});
  polling_.never_below(LogId("log"), {0, 6});
  ASSERT_TRUE(store_.caught_up(clock_.now()));
  EXPECT_EQ(get(polling_).error().reason, "view-went-back");
  stand_at({0, 6});
  ASSERT_TRUE(store_.caught_up(clock_.now()));
  EXPECT_TRUE(get(polling_));
}

// ---- freshness

TEST(RequireFresh, NeverCompleteHasNoAge) {
  const Meta never{{LogId("log"), {}, {}, {}}, 1, Instant::from_milliseconds(0), SystemClock().now()};
  EXPECT_FALSE(age(never));
  const auto stale = require_fresh(never, std::chrono::hours(24 * 365 * 100));
  ASSERT_FALSE(stale);
  EXPECT_EQ(stale.error().reason, "view-stale");
  EXPECT_EQ(stale.error().detail.find("1970"), std::string::npos) << stale.error().detail;
}

TEST(RequireFresh, AgeBetweenNothingAndTheLimit) {
  const auto aged = [](std::int64_t age) {
    return Meta{{LogId("log"), {}, {}, {}}, 1, Instant::from_milliseconds(10'000), Instant::from_milliseconds(10'000 + age)};
  };
  EXPECT_TRUE(require_fresh(aged(0), 5s));
  EXPECT_TRUE(require_fresh(aged(5'000), 5s));
  for (const std::int64_t age : {std::int64_t{5'001}, std::int64_t{-1}}) {
    const auto stale = require_fresh(aged(age), 5s);
    ASSERT_FALSE(stale);
    EXPECT_EQ(stale.error().code, ErrorCode::unavailable);
    EXPECT_EQ(stale.error().reason, "view-stale");
    EXPECT_EQ(stale.error().retry_after_seconds, 1U);
  }
}

}  // namespace
}  // namespace quicklime::views
