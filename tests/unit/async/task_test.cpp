#include "async/task.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "async/completion.hpp"

namespace quicklime::async {
namespace {

using namespace std::chrono_literals;

Task<std::string> text() { co_return "done"; }
Task<void> nothing(bool& ran) {
  ran = true;
  co_return;
}
Task<int> throws() {
  co_await yield();
  throw std::runtime_error("broken");
}

TEST(RunToEnd, ReturnsTheValue) { EXPECT_EQ(run_to_end(text()), "done"); }

TEST(RunToEnd, RunsATaskWithoutAValue) {
  bool ran = false;
  run_to_end(nothing(ran));
  EXPECT_TRUE(ran);
}

TEST(RunToEnd, PassesExceptionsOn) { EXPECT_THROW(run_to_end(throws()), std::runtime_error); }

Task<std::chrono::steady_clock::duration> slept(Milliseconds duration) {
  const auto before = std::chrono::steady_clock::now();
  co_await sleep_for(duration);
  co_return std::chrono::steady_clock::now() - before;
}

TEST(SleepFor, LastsAtLeastThatLong) { EXPECT_GE(run_to_end(slept(20ms)), 20ms); }

Task<void> count_to(int end, char name, std::string& order) {
  for (int i = 0; i < end; ++i) {
    order.push_back(name);
    co_await yield();
  }
}

Task<void> two_counters(std::string& order, Loop& loop, Completion<bool> done) {
  loop.spawn(count_to(3, 'a', order));
  loop.spawn(count_to(3, 'b', order));
  for (int i = 0; i < 5; ++i) co_await yield();
  done.complete(true);
}

TEST(Yield, LetsOthersHaveTheirTurn) {
  std::string order;
  LoopThread thread("yield");
  Completion<bool> done;
  thread.loop().spawn(two_counters(order, thread.loop(), done));
  EXPECT_TRUE(run_to_end(done.wait()));
  EXPECT_EQ(order, "ababab");
}

TEST(Loop, RunsWhatIsPostedFromOtherThreadsOnItsOwnThread) {
  LoopThread thread("post");
  std::vector<std::thread::id> ids;  // touched by the loop's thread only, until `done`
  Completion<bool> done;
  std::vector<std::thread> posters;
  for (int t = 0; t < 4; ++t) {
    posters.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        thread.loop().post([&] {
          ids.push_back(std::this_thread::get_id());
          if (ids.size() == 400) done.complete(true);
        });
      }
    });
  }
  for (auto& poster : posters) poster.join();
  EXPECT_TRUE(run_to_end(done.wait()));
  for (const auto id : ids) EXPECT_EQ(id, ids.front());
  EXPECT_NE(ids.front(), std::this_thread::get_id());
}

struct Witness {
  std::atomic<bool>& destroyed;
  ~Witness() { destroyed = true; }
};

Task<void> wait_forever(std::atomic<bool>& destroyed, Completion<int> never, Completion<bool> started) {
  const Witness witness{destroyed};
  started.complete(true);
  co_await never.wait();
}

TEST(Loop, DestroysWhatIsSuspendedAndIsNotMissedByItsCompletions) {
  std::atomic<bool> destroyed = false;
  Completion<int> never;
  {
    LoopThread thread("suspended");
    Completion<bool> started;
    thread.loop().spawn(wait_forever(destroyed, never, started));
    EXPECT_TRUE(run_to_end(started.wait()));
    EXPECT_FALSE(destroyed);
  }
  EXPECT_TRUE(destroyed);
  never.complete(1);  // nobody waits any more
}

TEST(LoopDeathTest, AnExceptionThatLeavesASpawnedTaskEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        Loop loop;
        loop.spawn([]() -> Task<void> {
          co_await yield();
          throw std::runtime_error("broken");
        }());
        loop.run();
      },
      "an exception left a coroutine");
}

}  // namespace
}  // namespace quicklime::async
