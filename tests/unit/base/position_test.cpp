#include "base/position.hpp"

#include <gtest/gtest.h>

namespace quicklime {
namespace {

TEST(Position, TextRoundTrips) {
  for (const Position position : {Position{0, 0}, Position{0, 42}, Position{3, 18446744073709551615U}}) {
    EXPECT_EQ(Position::parse(position.text()), position);
  }
  EXPECT_EQ((Position{1, 42}.text()), "1.42");
}

TEST(Position, RefusesWhatIsNone) {
  for (const char* text :
       {"", ".", "0", "0.", ".42", "0.42.1", "-1.0", "0.-1", "0.+1", "0.42 ", " 0.42", "0,42", "a.b", "0x1.2", "0.18446744073709551616"}) {
    const auto parsed = Position::parse(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().reason, "position-malformed");
  }
}

TEST(Position, ALaterEpochIsLaterWhateverTheOffset) {
  EXPECT_LT((Position{0, 100}), (Position{1, 0}));
  EXPECT_LT((Position{1, 9}), (Position{1, 10}));
}

}  // namespace
}  // namespace quicklime
