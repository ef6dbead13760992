#include "runtime/clock_watch.hpp"

#include <gtest/gtest.h>

#include "support/role_fixture.hpp"

namespace quicklime::runtime {
namespace {

views::Projection nothing() {
  return {.name = "test",
          .version = 1,
          .spaces = {{"token", views::SpaceKind::points}},
          .apply = [](const views::Record&, views::Fold&) { return Result<void>(); },
          .reads = {}};
}

// This process's clock, apart from that of the store and of who writes.
class OwnClock final : public Clock {
 public:
  explicit OwnClock(const Clock& right) : right_(right) {}
  Instant now() const override { return right_.now() + ahead; }
  Milliseconds ahead{0};

 private:
  const Clock& right_;
};

class Clocks : public testing::Test {
 protected:
  std::string look() {
    async::run_to_end(watch.look());
    return watch.disagreement();
  }
  void pass(Milliseconds time) {
    role.clock().advance(time);
    monotonic += time;
  }
  void somebody_writes() { role.given(events::RequestDenied{"GET /", "test", "", 1}); }

  test::Role role{nothing()};
  OwnClock own{role.clock()};
  metrics::Registry metrics;
  std::chrono::steady_clock::time_point monotonic{};
  ClockWatch watch{role.log(), role.view(), own, role.pools().log, metrics, Seconds(5), [this] { return monotonic; }};
};

TEST_F(Clocks, AgreeForAsLongAsNoLookFoundThemApart) {
  EXPECT_EQ(watch.agreed_for(), Milliseconds(0));
  EXPECT_EQ(look(), "");
  pass(std::chrono::hours(3));
  EXPECT_EQ(look(), "") << "nobody has written for long, which is no disagreement";
  EXPECT_EQ(watch.agreed_for(), std::chrono::hours(3));
}

TEST_F(Clocks, AProcessAheadOfItsStoreIsTold) {
  own.ahead = Seconds(90);
  EXPECT_EQ(look(), "the clock of the view's store is 90.0 s behind this one");
  own.ahead = -Seconds(90);
  EXPECT_NE(look().find("the clock of the view's store is 90.0 s ahead of this one"), std::string::npos);
  own.ahead = Seconds(4);
  look();
  EXPECT_EQ(look(), "") << "within the tolerance";
}

TEST_F(Clocks, AWriterAheadOrBehindIsTold) {
  look();
  role.clock().advance(Seconds(60));
  somebody_writes();
  role.clock().advance(-Seconds(60));
  role.settle();
  EXPECT_NE(look().find("the newest event was written by is 60.0 s ahead of"), std::string::npos) << watch.disagreement();
  pass(Seconds(90));
  EXPECT_EQ(look(), "");
  role.clock().advance(-Seconds(60));
  somebody_writes();
  role.clock().advance(Seconds(60));
  EXPECT_NE(look().find("the newest event was written by is 60.0 s behind"), std::string::npos) << watch.disagreement();
}

TEST_F(Clocks, AClockThatWasSetIsToldOnceAndBeginsAnew) {
  look();
  pass(std::chrono::hours(10));
  look();
  role.clock().advance(std::chrono::hours(1));  // everybody's on this machine
  EXPECT_NE(look().find("since the last look is 3600.0 s behind"), std::string::npos) << watch.disagreement();
  EXPECT_EQ(watch.agreed_for(), Milliseconds(0));
  EXPECT_EQ(look(), "");
  pass(Seconds(7));
  EXPECT_EQ(watch.agreed_for(), Seconds(7));
}

}  // namespace
}  // namespace quicklime::runtime
