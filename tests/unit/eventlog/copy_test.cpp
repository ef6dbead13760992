#include "eventlog/copy.hpp"

#include <gtest/gtest.h>

#include "async/task.hpp"
#include "eventlog/memory_log.hpp"

namespace quicklime::eventlog {
namespace {

class CopyLog : public testing::Test {
 protected:
  static void append(EventLog& log, int from, int to) {
    for (int i = from; i < to; ++i) ASSERT_TRUE(async::run_to_end(log.append("event " + std::to_string(i))));
  }
  static std::string reason(EventLog& from, EventLog& to) {
    const auto copied = copy_log(from, to);
    return copied ? "" : copied.error().reason;
  }
  std::unique_ptr<MemoryLog> from_ = make_memory_log(LogId("log"), "log.created");
  std::unique_ptr<MemoryLog> to_ = make_memory_log(LogId("log"), "log.created");
};

TEST_F(CopyLog, TheSameBytesStandAtTheSameOffsets) {
  append(*from_, 0, 1'234);  // more than a batch
  const auto last = copy_log(*from_, *to_);
  ASSERT_TRUE(last) << last.error().detail;
  EXPECT_EQ(last->position.offset, 1'234U);
  EXPECT_EQ(to_->end()->offset, from_->end()->offset);
  EXPECT_EQ(verify_chain(*to_)->chain, verify_chain(*from_)->chain);
  EXPECT_EQ(last->chain, verify_chain(*from_)->chain);
}

TEST_F(CopyLog, ACopyThatWasInterruptedGoesOn) {
  append(*from_, 0, 20);
  append(*to_, 0, 7);
  ASSERT_EQ(reason(*from_, *to_), "");
  EXPECT_EQ(verify_chain(*to_)->chain, verify_chain(*from_)->chain);
  EXPECT_EQ(reason(*from_, *to_), "") << "and there is nothing more to do";
  EXPECT_EQ(to_->end()->offset, 21U);
}

TEST_F(CopyLog, AnotherLogIsNotCopiedOver) {
  append(*from_, 0, 20);
  append(*to_, 1, 3);
  EXPECT_EQ(reason(*from_, *to_), "log-differs");
  EXPECT_EQ(to_->end()->offset, 3U);
}

TEST_F(CopyLog, ALogThatGoesOnIsNotCopiedOver) {
  append(*from_, 0, 3);
  append(*to_, 0, 4);
  EXPECT_EQ(reason(*from_, *to_), "log-differs");
}

TEST_F(CopyLog, WhatCannotBeAppendedIsSaid) {
  append(*from_, 0, 3);
  to_->inject(MemoryLog::Fault::not_persisted);
  EXPECT_NE(reason(*from_, *to_), "");
}

}  // namespace
}  // namespace quicklime::eventlog
