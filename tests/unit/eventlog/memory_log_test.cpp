#include "eventlog/memory_log.hpp"

#include <gtest/gtest.h>

namespace quicklime::eventlog {
namespace {

// The contract suite covers the log; these are the faults that only this one has.
class MemoryLogFaults : public testing::Test {
 protected:
  Result<Position> append(std::string bytes) { return async::run_to_end(log_->append(std::move(bytes))); }
  std::unique_ptr<MemoryLog> log_ = make_memory_log(LogId("log"), "first");
};

TEST_F(MemoryLogFaults, UnknownIsPersistedOrNotAsInjected) {
  log_->inject(MemoryLog::Fault::unknown_not_persisted);
  EXPECT_EQ(append("lost").error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(log_->end(), (Position{0, 1}));
  log_->inject(MemoryLog::Fault::unknown_persisted);
  EXPECT_EQ(append("kept").error().code, ErrorCode::outcome_unknown);
  EXPECT_EQ(log_->read_one(1)->bytes, "kept");
  EXPECT_EQ(append("next"), (Position{0, 2}));  // a fault counts once
}

TEST_F(MemoryLogFaults, WrittenTwiceStandsTwiceAndAnswersTheFirst) {
  log_->inject(MemoryLog::Fault::written_twice);
  EXPECT_EQ(append("twice"), (Position{0, 1}));
  EXPECT_EQ(log_->read_one(1)->bytes, "twice");
  EXPECT_EQ(log_->read_one(2)->bytes, "twice");
  EXPECT_TRUE(verify_chain(*log_));
}

}  // namespace
}  // namespace quicklime::eventlog
