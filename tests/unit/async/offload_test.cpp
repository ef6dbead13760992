#include "async/offload.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>

namespace quicklime::async {
namespace {

using namespace std::chrono_literals;

Task<bool> runs_elsewhere(OffloadPool& pool) {
  const auto here = std::this_thread::get_id();
  const auto there = co_await pool.run([] { return std::this_thread::get_id(); });
  EXPECT_EQ(std::this_thread::get_id(), here);
  co_return there != here;
}

TEST(OffloadPool, RunsOnAnotherThreadAndComesBack) {
  OffloadPool pool(2);
  EXPECT_TRUE(run_to_end(runs_elsewhere(pool)));
}

Task<std::string> asks_what_throws(OffloadPool& pool) {
  try {
    co_await pool.run([]() -> int { throw std::runtime_error("no token"); });
  } catch (const std::runtime_error& error) {
    co_return error.what();
  }
  co_return "nothing thrown";
}

TEST(OffloadPool, ThrowsToTheCaller) {
  OffloadPool pool(1);
  EXPECT_EQ(run_to_end(asks_what_throws(pool)), "no token");
}

Task<std::unique_ptr<int>> asks_for_what_cannot_be_copied(OffloadPool& pool) {
  co_return co_await pool.run([] { return std::make_unique<int>(4); });
}

TEST(OffloadPool, ReturnsWhatCannotBeCopied) {
  OffloadPool pool(1);
  EXPECT_EQ(*run_to_end(asks_for_what_cannot_be_copied(pool)), 4);
}

TEST(OffloadPool, FinishesTheWorkAtHandAndDropsTheRest) {
  std::atomic<bool> started = false;
  std::atomic<bool> finished = false;
  std::atomic<bool> second = false;
  {
    OffloadPool pool(1);
    pool.post([&] {
      started = true;
      std::this_thread::sleep_for(500ms);  // until the pool is asked to end
      finished = true;
    });
    pool.post([&] { second = true; });
    while (!started) std::this_thread::yield();
  }
  EXPECT_TRUE(finished);
  EXPECT_FALSE(second);
}

}  // namespace
}  // namespace quicklime::async
