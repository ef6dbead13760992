#include "eventlog/event_writer.hpp"

#include <gtest/gtest.h>

#include <latch>
#include <set>

#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog {
namespace {

class FixedClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_milliseconds(1'800'000'000'123); }
};

class EventWriterTest : public testing::Test {
 protected:
  static Draft draft(std::string detail = "detail") {
    return Draft{{events::Actor::Kind::token, "ci"},
                 {RequestId("request"), "somebody", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"},
                 {},
                 {},
                 "subject",
                 events::RequestDenied{"/v1", "reason", std::move(detail), 1}};
  }
  Result<Appended> append(Draft one) { return async::run_to_end(writer_.append(std::move(one))); }
  events::Event event_at(std::uint64_t offset) { return *events::decode(log_->read_one(offset)->bytes); }

  FixedClock clock_;
  std::unique_ptr<MemoryLog> log_ = make_memory_log(LogId("log"), "first");
  EventWriter writer_{*log_, clock_};
};

TEST_F(EventWriterTest, StampsWhatTheRoleDoesNotSay) {
  const auto appended = append(draft());
  ASSERT_TRUE(appended) << appended.error().detail;
  EXPECT_EQ(appended->position, (Position{0, 1}));
  const auto event = event_at(1);
  EXPECT_EQ(event.id, appended->id);
  EXPECT_EQ(event.time, clock_.now());
  EXPECT_EQ(event.writer, (events::Writer{writer_.incarnation(), 1}));
  EXPECT_EQ(event.actor, (events::Actor{events::Actor::Kind::token, "ci"}));
  EXPECT_EQ(event.subject, "subject");
  EXPECT_EQ(event.request, RequestId("request"));
  EXPECT_EQ(event.on_behalf_of, "somebody");
  EXPECT_EQ(event.traceparent, "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

TEST_F(EventWriterTest, EveryProcessIsAnotherIncarnation) { EXPECT_NE(EventWriter(*log_, clock_).incarnation(), writer_.incarnation()); }

TEST_F(EventWriterTest, RefusedEventTakesNoSequenceNumber) {
  const auto refused = append(draft(std::string(events::kMaximumEventBytes, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "event-too-large");
  ASSERT_TRUE(append(draft()));
  EXPECT_EQ(event_at(1).writer.sequence, 1U);
}

TEST_F(EventWriterTest, OutcomesAreThoseOfTheLog) {
  log_->inject(MemoryLog::Fault::not_persisted);
  EXPECT_EQ(append(draft()).error().code, ErrorCode::unavailable);
  log_->inject(MemoryLog::Fault::unknown_persisted);
  EXPECT_EQ(append(draft()).error().code, ErrorCode::outcome_unknown);
  ASSERT_TRUE(append(draft()));
  EXPECT_EQ(event_at(1).writer.sequence, 2U);  // 1 is the gap that the refused append left
  EXPECT_EQ(event_at(2).writer.sequence, 3U);
}

TEST_F(EventWriterTest, ConcurrentAppendsHaveEachTheirNumber) {
  std::latch done(80);
  {
    async::LoopThread loops[4] = {async::LoopThread("a"), async::LoopThread("b"), async::LoopThread("c"), async::LoopThread("d")};
    for (int i = 0; i < 80; ++i) {
      loops[i % 4].loop().spawn([](EventWriter& writer, Draft one, std::latch& latch) -> async::Task<void> {
        const auto appended = co_await writer.append(std::move(one));
        EXPECT_TRUE(appended);
        latch.count_down();
      }(writer_, draft(), done));
    }
    done.wait();
  }
  std::set<std::uint64_t> numbers;
  for (std::uint64_t offset = 1; offset <= 80; ++offset) numbers.insert(event_at(offset).writer.sequence);
  EXPECT_EQ(numbers.size(), 80U);
  EXPECT_EQ(*numbers.rbegin(), 80U);
}

}  // namespace
}  // namespace quicklime::eventlog
