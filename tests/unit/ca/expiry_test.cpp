#include "ca/expiry.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto/random.hpp"
#include "map_fold.hpp"

namespace quicklime::ca {
namespace {

Instant on(std::int64_t day, std::int64_t seconds = 0) { return Instant::from_seconds(day * 86'400 + seconds); }

class Expiry : public testing::Test {
 protected:
  void note(const std::string& subject, Instant not_after) { note_expiry(subject, not_after, fold_); }
  std::set<std::string> take(Instant before) {
    std::set<std::string> taken;
    for (const auto& each : take_expired(before, fold_)) EXPECT_TRUE(taken.insert(each).second) << each;
    return taken;
  }
  test::MapFold fold_;
};

using Set = std::set<std::string>;

TEST_F(Expiry, TakesEachOnceAndNoneBeforeAWholeDayIsOver) {
  note("0a", on(100, 0));
  note("0b", on(100, 86'399));
  note("0c", on(101));
  EXPECT_EQ(take(on(100, 86'399)), Set{});
  EXPECT_EQ(take(on(101)), (Set{"0a", "0b"}));
  EXPECT_EQ(take(on(101)), Set{});
  EXPECT_EQ(take(on(500)), (Set{"0c"}));
  EXPECT_EQ(fold_.points.size(), 1U);  // where to go on
}

TEST_F(Expiry, SubjectsMayHaveAnyOctetsAndUpTo255OfThem) {
  const std::string longest(255, '\xff'), odd("a/\0 ", 4);
  note(longest, on(100));
  note(odd, on(100));
  EXPECT_EQ(take(on(200)), (Set{longest, odd}));
}

TEST_F(Expiry, ADayIsReadInTwoKeysHoweverManyItHas) {
  for (int i = 0; i < 1'000; ++i) note("subject-" + std::to_string(i), on(100));
  const auto keys = expiry_reads(on(100));
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_LE(fold_.get(keys[1].space, keys[1].key)->size(), 32U * 12 + 8) << "one more certificate writes little";
  EXPECT_EQ(take(on(101)).size(), 1'000U);
  EXPECT_EQ(fold_.points.size(), 1U);
}

TEST_F(Expiry, WhatEndsBeforeAllOthersIsTakenToo) {
  note("0a", on(100));
  EXPECT_EQ(take(on(150)), (Set{"0a"}));
  note("0b", on(50));
  note("0c", on(300));
  EXPECT_EQ(take(on(151)), (Set{"0b"}));
  EXPECT_EQ(take(on(302)), (Set{"0c"}));
}

TEST_F(Expiry, ManyGoInSeveralCalls) {
  std::set<std::string> noted;
  for (int i = 0; i < 40'000; ++i) {
    const std::string each = crypto::random_bytes(16);
    note(each, on(100 + i % 2));
    noted.insert(each);
  }
  std::set<std::string> taken;
  for (int calls = 1;; ++calls) {
    const auto some = take(on(200));
    EXPECT_LE(some.size(), 17'000U);
    if (some.empty()) break;
    ASSERT_LE(calls, 4);
    for (const auto& each : some) EXPECT_TRUE(taken.insert(each).second);
  }
  EXPECT_EQ(taken, noted);
}

TEST_F(Expiry, ATimeFarAwayIsReachedInSteps) {
  note("0a", on(100));
  note("0b", on(20'000));
  EXPECT_EQ(take(on(2'000'000)), (Set{"0a"}));
  Set found;
  for (int i = 0; i < 10 && found.empty(); ++i) found = take(on(2'000'000));
  EXPECT_EQ(found, (Set{"0b"}));
}

}  // namespace
}  // namespace quicklime::ca
