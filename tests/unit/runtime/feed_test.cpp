// The feed: every event that the view has folded, once and in order, read from the log once for all who follow.
#include "runtime/feed.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "access/token.hpp"
#include "events/codec.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::runtime {
namespace {

views::Projection tokens_of_the_feed() {
  return {.name = "followed",
          .version = 1,
          .spaces = {access::token_space()},
          .apply = [](const views::Record& record, views::Fold& fold) -> Result<void> {
            access::fold_token(record.event, fold);
            return {};
          }};
}

std::string describe(const events::Event& event, Position position) {
  const auto* denied = std::get_if<events::RequestDenied>(&event.data);
  return position.text() + (denied != nullptr ? " " + denied->detail : "");
}

class FeedTest : public testing::Test {
 protected:
  FeedTest() : role(tokens_of_the_feed()), feed(make(role)) {}
  static std::unique_ptr<Feed> make(test::Role& role) {
    const auto& context = role.context();
    return std::make_unique<Feed>(context.log, context.view, context.pools.log, describe, context.metrics);
  }
  void happened(std::size_t count, const std::string& detail = "x") {
    for (std::size_t i = 0; i < count; ++i) role.given_unchecked(events::RequestDenied{"GET /x", "role-denied", detail});
    role.settle();
  }
  std::uint64_t reads(const char* of) {
    return role.context().metrics.counter("quicklime_feed_reads_total", "", {{"view", "followed"}, {"of", of}}).value();
  }
  // Up to what is folded now, from an offset on.
  static async::Task<std::vector<std::uint64_t>> offsets(Feed& feed, std::uint64_t from) {
    std::vector<std::uint64_t> found;
    for (;;) {
      const auto events = co_await feed.read(from);
      if (!events) throw std::runtime_error(events.error().detail);
      if (events->empty()) co_return found;
      for (const auto& event : *events) found.push_back(event->position.offset);
      from = found.back() + 1;
    }
  }
  static std::vector<std::uint64_t> range(std::uint64_t begin, std::uint64_t end) {
    std::vector<std::uint64_t> all;
    for (; begin < end; ++begin) all.push_back(begin);
    return all;
  }

  test::Role role;
  std::unique_ptr<Feed> feed;
};

TEST_F(FeedTest, TellsEveryEventOnceFromAnywhere) {
  happened(3'000);
  for (const std::uint64_t from : {0U, 1U, 255U, 1'999U, 2'500U, 3'000U, 3'001U, 9'000U}) {
    EXPECT_EQ(async::run_to_end(offsets(*feed, from)), range(std::min<std::uint64_t>(from, 3'001), 3'001)) << from;
  }
}

TEST_F(FeedTest, ReadsTheNewestOnceForAll) {
  happened(500);
  const std::uint64_t from = 1;
  EXPECT_EQ(async::run_to_end(offsets(*feed, from)).size(), 500U);
  const auto once = reads("recent");
  for (int i = 0; i < 50; ++i) EXPECT_EQ(async::run_to_end(offsets(*feed, from)).size(), 500U);
  EXPECT_EQ(reads("recent"), once);
  EXPECT_EQ(reads("older"), 0U);
  happened(1);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(async::run_to_end(offsets(*feed, from)).size(), 501U);
  EXPECT_EQ(reads("recent"), once + 1);
}

TEST_F(FeedTest, KeepsSoMuchAndNoMoreAndReadsTheRestFromTheLog) {
  happened(Feed::kKept + 500, std::string(400, 'x'));
  EXPECT_EQ(async::run_to_end(offsets(*feed, 0)).size(), Feed::kKept + 501);
  const auto older = reads("older");
  EXPECT_GT(older, 0U);
  EXPECT_EQ(async::run_to_end(offsets(*feed, 0)).size(), Feed::kKept + 501);
  EXPECT_GT(reads("older"), older) << "they are not kept";
}

TEST_F(FeedTest, LargeEventsPushEachOtherOutAndAreToldAllTheSame) {
  happened(100, std::string(40'000, 'x'));  // four times kKeptBytes
  for (int i = 0; i < 3; ++i) EXPECT_EQ(async::run_to_end(offsets(*feed, 0)).size(), 101U);
}

async::Task<void> follow(Feed& feed, std::uint64_t from, std::uint64_t end, std::vector<std::uint64_t>& found, std::atomic<int>& done) {
  while (from < end) {
    const auto events = co_await feed.read(from);
    if (!events) throw std::runtime_error(events.error().detail);
    for (const auto& event : *events) found.push_back(event->position.offset);
    if (!found.empty()) from = found.back() + 1;
    if (events->empty()) co_await feed.wait(from, async::Completion<bool>(), Milliseconds(60'000));
  }
  ++done;
}

TEST_F(FeedTest, ManyFollowWhileMuchHappensAndNobodyMissesAnything) {
  constexpr int kFollowers = 40;
  constexpr std::uint64_t kEvents = 2'000;
  std::vector<std::vector<std::uint64_t>> found(kFollowers);
  std::atomic<int> done = 0;
  async::LoopThread one("one"), other("other");
  for (int i = 0; i < kFollowers; ++i)
    (i % 2 == 0 ? one : other).loop().spawn(follow(*feed, 0, kEvents + 1, found[static_cast<std::size_t>(i)], done));
  for (std::uint64_t i = 0; i < kEvents; ++i) role.given_unchecked(events::RequestDenied{"GET /x", "role-denied", "x"});
  for (int i = 0; i < 60'000 && done < kFollowers; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  ASSERT_EQ(done, kFollowers);
  for (const auto& offsets : found) EXPECT_EQ(offsets, range(0, kEvents + 1));
  EXPECT_LE(reads("recent") + reads("older"), 2 * kEvents) << "and not each event for each of them";
}

TEST_F(FeedTest, WhoeverWaitsIsWokenByTheViewOrByHimself) {
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    happened(1);
  });
  const auto begin = std::chrono::steady_clock::now();
  async::run_to_end(feed->wait(1, async::Completion<bool>(), Milliseconds(60'000)));
  later.join();
  async::Completion<bool> wake;
  std::thread waking([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    wake.complete(true);
  });
  async::run_to_end(feed->wait(2, wake, Milliseconds(60'000)));
  waking.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(50));
}

TEST_F(FeedTest, APositionThatARestoreHasLostIsNotResumedAt) {
  happened(3);
  role.given_unchecked(events::LogRestored{1});  // 1.4
  while (async::run_to_end(feed->folded()).value()->epoch == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  happened(1);
  const auto reason = [&](Position position) {
    const auto ours = async::run_to_end(feed->require_of_this_log(position));
    return ours ? std::string() : ours.error().reason;
  };
  EXPECT_EQ(reason({1, 5}), "");
  EXPECT_EQ(reason({0, 3}), "") << "it stands there still";
  EXPECT_EQ(reason({0, 4}), "position-of-another-epoch");
  EXPECT_EQ(reason({0, 70}), "position-of-another-epoch");
}

}  // namespace
}  // namespace quicklime::runtime
