#include "base/instant.hpp"

#include <gtest/gtest.h>

#include <type_traits>

namespace quicklime {
namespace {
using std::chrono::hours;
using std::chrono::minutes;

static_assert(!std::is_default_constructible_v<Instant>, "a time without a value would be 1970 by accident");

TEST(Instant, ReadsAndWritesRfc3339) {
  EXPECT_EQ(Instant::parse("2026-11-21T01:02:03Z")->seconds(), 1795222923);
  EXPECT_EQ(Instant::parse("1970-01-01T00:00:00Z")->milliseconds(), 0);
  EXPECT_EQ(Instant::parse("2026-11-21T01:02:03.456Z")->rfc3339(), "2026-11-21T01:02:03.456Z");
  EXPECT_EQ(Instant::parse("2026-11-21T01:02:03.4Z")->rfc3339(), "2026-11-21T01:02:03.400Z");
  EXPECT_EQ(Instant::parse("2026-11-21T01:02:03.456789Z")->rfc3339(), "2026-11-21T01:02:03.456Z");
  EXPECT_EQ(Instant::parse("2024-02-29t23:59:59z")->rfc3339_seconds(), "2024-02-29T23:59:59Z");
  EXPECT_EQ(Instant::from_seconds(253402300799).rfc3339_seconds(), "9999-12-31T23:59:59Z");
}

TEST(Instant, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026-11-21", "2026-11-21T01:02:03", "2026-11-21 01:02:03Z", "2026-11-21T01:02:03+01:00",
                           "2026-02-29T00:00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2026-01-32T00:00:00Z",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z", "2026-01-01T00:00:00.Z",
                           "2026-01-01T00:00:00.1x2Z", "2026-01-01T00:00:00,5Z", "+026-01-01T00:00:00Z", "2026-01-01T00:00:-1Z"}) {
    const auto parsed = Instant::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().reason, "time-malformed");
  }
}

TEST(Instant, RoundsTowardsThePast) {
  EXPECT_EQ(Instant::from_milliseconds(1999).seconds(), 1);
  EXPECT_EQ(Instant::from_milliseconds(-1).seconds(), -1);
  EXPECT_EQ(Instant::from_milliseconds(-1).rfc3339(), "1969-12-31T23:59:59.999Z");
  EXPECT_EQ(Instant::from_milliseconds(1999).whole_seconds().milliseconds(), 1000);
}

TEST(Instant, Arithmetic) {
  const Instant start = Instant::from_seconds(1000);
  EXPECT_EQ((start + minutes(1)).seconds(), 1060);
  EXPECT_EQ((start - hours(1)).seconds(), -2600);
  EXPECT_EQ((start + minutes(1)) - start, minutes(1));
  EXPECT_LT(start, start + Milliseconds(1));
}

TEST(Instant, EveryDayOfFourCenturiesRoundTrips) {
  for (std::int64_t day = 0; day < 146'097; ++day) {
    const Instant instant = Instant::from_seconds(day * 86'400 + 86'399);
    const auto read = Instant::parse(instant.rfc3339_seconds());
    ASSERT_TRUE(read.has_value());
    ASSERT_EQ(*read, instant);
  }
}

TEST(Duration, NeedsANumberAndAUnit) {
  EXPECT_EQ(parse_duration("90d"), hours(24 * 90));
  EXPECT_EQ(parse_duration("12h"), hours(12));
  EXPECT_EQ(parse_duration("30m"), minutes(30));
  EXPECT_EQ(parse_duration("10s"), Seconds(10));
  EXPECT_EQ(parse_duration("250ms"), Milliseconds(250));
  for (const char* text :
       {"", "90", "d", "-1d", "+1d", "1.5h", "1 d", "1D", "1w", "1dd", "99999999999999999999d", "9223372036854775807d"}) {
    const auto parsed = parse_duration(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().reason, "duration-malformed");
  }
}

TEST(Duration, TextIsTheLargestUnitThatDividesIt) {
  for (const char* text : {"90d", "36h", "90m", "10s", "250ms", "0ms"}) EXPECT_EQ(duration_text(*parse_duration(text)), text);
  EXPECT_EQ(duration_text(hours(48)), "2d");
  EXPECT_EQ(duration_text(Milliseconds(1500)), "1500ms");
}

}  // namespace
}  // namespace quicklime
