#include "base/log_throttle.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/logging.hpp"

namespace quicklime::log {
namespace {

using std::chrono::seconds;
const Throttle::Time kStart{seconds(1'000)};

TEST(Throttle, TenOfOneKindPassAndTheRestIsCountedOnce) {
  Throttle throttle;
  int passed = 0;
  for (int line = 0; line < 4'221; ++line) passed += throttle.passes("cannot accept", kStart + std::chrono::milliseconds(line)) ? 1 : 0;
  EXPECT_EQ(passed, 10);
  EXPECT_TRUE(throttle.passes("another kind", kStart));
  EXPECT_TRUE(throttle.held_back(kStart + seconds(9)).empty()) << "the window is not over";
  const auto held = throttle.held_back(kStart + seconds(10));
  ASSERT_EQ(held.size(), 1U);
  EXPECT_EQ(held[0].kind, "cannot accept");
  EXPECT_EQ(held[0].count, 4'211U);
  EXPECT_TRUE(throttle.held_back(kStart + seconds(20)).empty());
  EXPECT_TRUE(throttle.passes("cannot accept", kStart + seconds(20)));
}

TEST(Throttle, WindowsOfSeveralKindsEndByThemselves) {
  Throttle throttle;
  for (int line = 0; line < 12; ++line) {
    throttle.passes("early", kStart);
    throttle.passes("late", kStart + seconds(5));
  }
  ASSERT_EQ(throttle.held_back(kStart + seconds(11)).size(), 1U);
  const auto late = throttle.held_back(kStart + seconds(16));
  ASSERT_EQ(late.size(), 1U);
  EXPECT_EQ(late[0].kind, "late");
  EXPECT_EQ(late[0].count, 2U);
}

// What strangers send stands in values, not in the kind: other values make no other kind.
TEST(Throttle, LinesOfOneKindAreOneHoweverTheirValuesDiffer) {
  testing::internal::CaptureStderr();
  for (int line = 0; line < 1'000; ++line) {
    error("a test of throttled lines", {{"reason", "no-such-thing"}, {"path", "/" + std::to_string(line) + "\x1b[2J\u202e"}});
    error("a test of throttled lines", {{"reason", "another"}});
  }
  const std::string written = testing::internal::GetCapturedStderr();
  EXPECT_EQ(std::count(written.begin(), written.end(), '\n'), 20);
  EXPECT_THAT(written, testing::HasSubstr("path=\"/9\\\\u{1b}[2J\\\\u{202e}\""));
  EXPECT_THAT(written, testing::Not(testing::HasSubstr("\x1b")));
}

}  // namespace
}  // namespace quicklime::log
