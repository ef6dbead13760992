#include "ca/expiry.hpp"

#include <gtest/gtest.h>

#include <set>

#include "crypto/random.hpp"
#include "map_fold.hpp"

namespace quicklime::ca {
namespace {

const AuthorityId kIssuing("issuing-1");
const AuthorityId kOther("issuing-2");

Instant on(std::int64_t day, std::int64_t seconds = 0) { return Instant::from_seconds(day * 86'400 + seconds); }
SerialNumber serial(const char* hex) { return *SerialNumber::from_hex(hex); }

class Expiry : public testing::Test {
 protected:
  void note(const char* hex, Instant not_after, const AuthorityId& authority = kIssuing) {
    note_expiry(authority, serial(hex), not_after, fold_);
  }
  std::set<std::string> take(Instant before, const AuthorityId& authority = kIssuing) {
    std::set<std::string> taken;
    for (const auto& each : take_expired(authority, before, fold_)) EXPECT_TRUE(taken.insert(each.hex()).second) << each.hex();
    return taken;
  }
  test::MapFold fold_;
};

using Set = std::set<std::string>;

TEST_F(Expiry, TakesEachOnceAndNoneBeforeAWholeDayIsOver) {
  note("0a", on(100, 0));
  note("0b", on(100, 86'399));
  note("0c", on(101));
  EXPECT_EQ(take(on(101, 86'399)), Set{});
  EXPECT_EQ(take(on(102)), (Set{"0a", "0b"}));
  EXPECT_EQ(take(on(102)), Set{});
  EXPECT_EQ(take(on(500)), (Set{"0c"}));
  EXPECT_EQ(fold_.points.size(), 1U);  // where to go on
}

TEST_F(Expiry, AuthoritiesAreApart) {
  note("0a", on(100));
  note("0a", on(100), kOther);
  EXPECT_EQ(take(on(200)), (Set{"0a"}));
  EXPECT_EQ(take(on(200), kOther), (Set{"0a"}));
  EXPECT_EQ(take(on(200), AuthorityId("unknown")), Set{});
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
    const auto each = *SerialNumber::from_octets("\x01" + crypto::random_bytes(15));
    note_expiry(kIssuing, each, on(100 + i % 2), fold_);
    noted.insert(each.hex());
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
