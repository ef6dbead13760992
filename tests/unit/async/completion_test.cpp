#include "async/completion.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace quicklime::async {
namespace {

using namespace std::chrono_literals;

TEST(Completion, GivesAValueThatIsAlreadyThere) {
  const Completion<std::string> completion;
  EXPECT_FALSE(completion.completed());
  completion.complete("value");
  EXPECT_TRUE(completion.completed());
  EXPECT_EQ(run_to_end(completion.wait()), "value");
}

TEST(Completion, KeepsTheFirstValue) {
  const Completion<int> completion;
  completion.complete(1);
  completion.complete(2);
  EXPECT_EQ(run_to_end(completion.wait()), 1);
}

TEST(Completion, WakesAWaiterFromAnotherThread) {
  const Completion<int> completion;
  std::thread other([completion] {
    std::this_thread::sleep_for(10ms);
    completion.complete(7);
  });
  EXPECT_EQ(run_to_end(completion.wait()), 7);
  other.join();
}

TEST(Completion, WaitForGivesUpAndTheValueMayStillCome) {
  const Completion<int> completion;
  EXPECT_EQ(run_to_end(completion.wait_for(10ms)), std::nullopt);
  completion.complete(3);
  EXPECT_EQ(run_to_end(completion.wait_for(0ms)), 3);
}

TEST(Completion, MovesAValueThatCannotBeCopied) {
  const Completion<std::unique_ptr<int>> completion;
  completion.complete(std::make_unique<int>(5));
  EXPECT_EQ(*run_to_end(completion.wait()), 5);
}

Task<void> add_when_done(Completion<int> completion, std::atomic<int>& sum, Completion<bool> all, int expected) {
  const std::thread::id before = std::this_thread::get_id();
  const int value = co_await completion.wait();
  EXPECT_EQ(std::this_thread::get_id(), before) << "goes on on its own loop";
  if (sum.fetch_add(value) + value == expected) all.complete(true);
}

TEST(Completion, WakesManyWaitersOnManyLoops) {
  const Completion<int> completion;
  const Completion<bool> all;
  std::atomic<int> sum = 0;
  std::vector<std::unique_ptr<LoopThread>> threads;
  for (int t = 0; t < 3; ++t) {
    threads.push_back(std::make_unique<LoopThread>("waiters"));
    for (int i = 0; i < 50; ++i) threads.back()->loop().spawn(add_when_done(completion, sum, all, 300));
  }
  std::thread first([&] { completion.complete(2); });
  std::thread second([&] { completion.complete(2); });
  EXPECT_TRUE(run_to_end(all.wait()));
  first.join();
  second.join();
}

Task<void> note(Completion<int> completion, std::vector<std::string>& order) {
  co_await completion.wait();
  order.emplace_back("resumed");
}

Task<void> complete_and_note(Loop& loop, std::vector<std::string>& order, Completion<bool> done) {
  const Completion<int> completion;
  loop.spawn(note(completion, order));
  co_await yield();
  completion.complete(1);
  order.emplace_back("completed");
  while (order.size() < 2) co_await yield();
  done.complete(true);
}

TEST(Completion, NeverResumesInsideComplete) {
  LoopThread thread("order");
  std::vector<std::string> order;
  Completion<bool> done;
  thread.loop().spawn(complete_and_note(thread.loop(), order, done));
  EXPECT_TRUE(run_to_end(done.wait()));
  EXPECT_EQ(order, (std::vector<std::string>{"completed", "resumed"}));
}

// What a log writer does: thousands of completions from one thread, each with a waiter on some
// loop, some of which give up at that very moment.
Task<void> wait_or_give_up(Completion<int> completion, int index, std::atomic<int>& finished) {
  if (index % 3 == 0) {
    const auto value = co_await completion.wait_for(Milliseconds(index % 5));
    EXPECT_TRUE(!value || *value == index);
  } else {
    EXPECT_EQ(co_await completion.wait(), index);
  }
  ++finished;
}

TEST(Completion, StandsATorrentOfCompletionsAndTimeouts) {
  constexpr int kCount = 3000;
  std::vector<Completion<int>> completions(kCount);
  std::atomic<int> finished = 0;
  LoopThread first("first");
  LoopThread second("second");
  std::thread writer([&] {
    for (int i = 0; i < kCount; ++i) {
      completions[static_cast<std::size_t>(i)].complete(i);
      if (i % 100 == 0) std::this_thread::sleep_for(1ms);
    }
  });
  for (int i = 0; i < kCount; ++i) {
    (i % 2 == 0 ? first : second).loop().spawn(wait_or_give_up(completions[static_cast<std::size_t>(i)], i, finished));
  }
  writer.join();
  for (int i = 0; i < 6'000 && finished < kCount; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_EQ(finished, kCount);
}

TEST(Completion, MayBeCompletedWhileTheLoopOfItsWaiterGoesAway) {
  for (int round = 0; round < 50; ++round) {
    const Completion<int> completion;
    std::atomic<int> sum = 0;
    auto thread = std::make_unique<LoopThread>("going");
    thread->loop().spawn(add_when_done(completion, sum, Completion<bool>(), -1));
    std::thread other([&] { completion.complete(1); });
    thread.reset();
    other.join();
    EXPECT_LE(sum, 1);
  }
}

}  // namespace
}  // namespace quicklime::async
