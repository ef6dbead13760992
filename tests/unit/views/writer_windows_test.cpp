#include "views/writer_windows.hpp"

#include <gtest/gtest.h>

namespace quicklime::views {
namespace {

constexpr Instant kNow = Instant::from_seconds(1'800'000'000);
constexpr Milliseconds kDay = std::chrono::hours(24);

class Windows : public testing::Test {
 protected:
  // Whether it counts; notes it when it does, as the runner does.
  bool first(const std::string& incarnation, std::uint64_t sequence, Instant time = kNow) {
    const events::Writer writer{incarnation, sequence};
    if (windows_.repeated(writer)) return false;
    windows_.note(writer, time);
    return true;
  }
  WriterWindows windows_;
};

TEST_F(Windows, RepetitionIsOfTheSameWriterAndSequence) {
  EXPECT_TRUE(first("a", 1));
  EXPECT_TRUE(first("b", 1));
  EXPECT_TRUE(first("a", 2));
  EXPECT_FALSE(first("a", 1));
  EXPECT_FALSE(first("a", 2));
  EXPECT_FALSE(first("b", 1));
}

TEST_F(Windows, LateIsNotRepeatedUntilItHasCome) {
  EXPECT_TRUE(first("a", 3));
  EXPECT_TRUE(first("a", 1));
  EXPECT_TRUE(first("a", 2));
  for (const std::uint64_t sequence : {1U, 2U, 3U}) EXPECT_FALSE(first("a", sequence));
}

TEST_F(Windows, OlderThanTheWindowIsARepetition) {
  EXPECT_TRUE(first("a", 1));
  EXPECT_TRUE(first("a", 300));
  EXPECT_FALSE(first("a", 44));
  EXPECT_TRUE(first("a", 45));
}

TEST_F(Windows, LostIsWhatLeavesTheWindowWithoutHavingCome) {
  first("a", 1);
  first("a", 3);
  EXPECT_EQ(windows_.lost(), 0U);
  first("a", 258);  // the window is now 3..258
  EXPECT_EQ(windows_.lost(), 1U);
  first("a", 1000);  // 4..257 and 259..744 are past it
  EXPECT_EQ(windows_.lost(), 1U + 254U + 486U);
}

TEST_F(Windows, AWriterFirstHeardLateLosesNothing) {
  first("a", 5'000);
  EXPECT_EQ(windows_.lost(), 0U);
  EXPECT_TRUE(first("a", 4'999));
  EXPECT_FALSE(first("a", 4'744));
}

TEST_F(Windows, UnnumberedEventsAreNeverRepetitions) {
  EXPECT_TRUE(first("a", 0));
  EXPECT_TRUE(first("a", 0));
  EXPECT_EQ(windows_.text(), "");
}

TEST_F(Windows, SilentForADayIsForgottenWhenAnotherAppears) {
  first("old", 1);
  first("recent", 1, kNow + kDay);
  EXPECT_FALSE(first("old", 1));
  first("new", 1, kNow + kDay + Milliseconds(1));
  EXPECT_EQ(windows_.text().find("old"), std::string::npos);
  EXPECT_NE(windows_.text().find("recent"), std::string::npos);
}

TEST_F(Windows, ComesBackFromItsText) {
  first("a", 3);
  first("b", 700);
  auto again = WriterWindows::parse(windows_.text());
  ASSERT_TRUE(again);
  EXPECT_EQ(again->text(), windows_.text());
  EXPECT_TRUE(again->repeated({"a", 3}));
  EXPECT_FALSE(again->repeated({"a", 2}));
  EXPECT_TRUE(again->repeated({"b", 1}));
  EXPECT_FALSE(WriterWindows::parse("a x 3\n"));
  EXPECT_FALSE(WriterWindows::parse("a 3\n"));
}

}  // namespace
}  // namespace quicklime::views
