// What EventLog promises to who appends.

#include <algorithm>
#include <map>

#include "contract_fixture.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog::contract {
namespace {

class Append : public EventLogContract {};

TEST_P(Append, NewLogHoldsItsFirstEvent) {
  EXPECT_EQ(log_->id(), kLogId);
  EXPECT_EQ(log_->end(), (Position{0, 1}));
  EXPECT_EQ(log_->read_one(0)->bytes, kFirst);
  EXPECT_EQ(log_->read_one(1).error().code, ErrorCode::not_found);
}

TEST_P(Append, AnswersThePositionOfTheEvent) {
  EXPECT_EQ(appended("one"), (Position{0, 1}));
  EXPECT_EQ(appended("two"), (Position{0, 2}));
  EXPECT_EQ(log_->end(), (Position{0, 3}));
  EXPECT_EQ(log_->read_one(2)->bytes, "two");
  EXPECT_EQ(log_->read_one(2)->position, (Position{0, 2}));
}

TEST_P(Append, BytesAreStoredAsTheyAre) {
  const std::string every(60'000, '\0');
  std::string bytes = "\xff\x01 {\"a\":1}\n\n";
  bytes += '\0';
  appended(bytes);
  appended(every);
  appended("");
  EXPECT_EQ(log_->read_one(1)->bytes, bytes);
  EXPECT_EQ(log_->read_one(2)->bytes, every);
  EXPECT_EQ(log_->read_one(3)->bytes, "");
}

TEST_P(Append, ChainLinksEveryEventToAllBefore) {
  append_numbered(1, 3);
  crypto::Sha256Digest chain{};
  for (const std::string& bytes : {std::string(kFirst), numbered(1), numbered(2), numbered(3)}) {
    chain = crypto::sha256(std::string(crypto::view(chain)) + std::string(crypto::view(crypto::sha256(bytes))));
  }
  EXPECT_EQ(chain_at(3), chain);
  EXPECT_EQ(log_->read_one(3)->chain.value_or(chain), chain);
  EXPECT_EQ(log_->read_one(3)->hash, crypto::sha256(numbered(3)));
}

TEST_P(Append, TooLargeIsRefusedBeforeAnythingHappens) {
  const auto position = append(std::string(events::kMaximumEventBytes + 1, 'x'));
  ASSERT_FALSE(position);
  EXPECT_EQ(position.error().code, ErrorCode::too_large);
  EXPECT_EQ(log_->end(), (Position{0, 1}));
}

TEST_P(Append, EventsOfOneCallerKeepTheirOrder) {
  const auto all = append_concurrently(1, 50);
  for (const Concurrent& one : all) ASSERT_TRUE(one.position) << one.position.error().detail;
  auto reader = follow();
  auto records = bytes_of(read_all(*reader));
  ASSERT_EQ(records.size(), 51U);
  for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(records[i + 1], "loop 0 event " + std::to_string(i));
}

TEST_P(Append, SixtyFourAppendersFromFourLoopsAllStandWhereTheyWereTold) {
  const auto all = append_concurrently(4, 16);
  std::map<std::uint64_t, std::string> told;
  for (const Concurrent& one : all) {
    ASSERT_TRUE(one.position) << one.position.error().detail;
    told[one.position->offset] = one.bytes;
  }
  ASSERT_EQ(told.size(), 64U);
  EXPECT_EQ(told.begin()->first, 1U);
  EXPECT_EQ(told.rbegin()->first, 64U);
  for (const auto& [offset, bytes] : told) EXPECT_EQ(log_->read_one(offset)->bytes, bytes);
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_P(Append, StalledAppendsWaitAndReadsDoNot) {
  appended("before");
  backend_->stall(*log_, true);
  std::vector<Result<Position>> answers;
  std::latch done(20);
  async::LoopThread thread("appends");
  for (int i = 0; i < 20; ++i) {
    thread.loop().spawn([](EventLog& log, std::vector<Result<Position>>& into, std::latch& latch, std::string bytes) -> async::Task<void> {
      into.push_back(co_await log.append(std::move(bytes)));
      latch.count_down();
    }(*log_, answers, done, numbered(static_cast<std::size_t>(i))));
  }
  std::this_thread::sleep_for(100ms);
  EXPECT_FALSE(done.try_wait());
  EXPECT_EQ(log_->end(), (Position{0, 2}));
  EXPECT_EQ(log_->read_one(1)->bytes, "before");

  backend_->stall(*log_, false);
  done.wait();
  for (const auto& answer : answers) EXPECT_TRUE(answer) << answer.error().detail;
  EXPECT_EQ(log_->end(), (Position{0, 22}));
}

TEST_P(Append, RefusedIsNotInTheLogAndTheNextOneIs) {
  appended("one");
  backend_->refuse_next(*log_);
  const auto refused = append("refused");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_NE(refused.error().retry_after_seconds, 0U);
  EXPECT_EQ(appended("two"), (Position{0, 2}));
  auto reader = follow();
  EXPECT_EQ(bytes_of(read_all(*reader)), (std::vector<std::string>{std::string(kFirst), "one", "two"}));
}

TEST_P(Append, WhatWasDecidedTooLongAgoIsNotWritten) {
  appended("before");
  const auto by = [&](const char* bytes, std::chrono::steady_clock::duration from_now) {
    return async::run_to_end(log_->append(bytes, std::chrono::steady_clock::now() + from_now));
  };
  EXPECT_EQ(by("in time", 60s).value(), (Position{0, 2}));
  const auto late = by("late", -1ms);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::unavailable);
  EXPECT_EQ(late.error().reason, "view-stale");
  EXPECT_NE(late.error().retry_after_seconds, 0U);
  EXPECT_EQ(appended("after"), (Position{0, 3}));
  auto reader = follow();
  EXPECT_EQ(bytes_of(read_all(*reader)), (std::vector<std::string>{std::string(kFirst), "before", "in time", "after"}));
}

TEST_P(Append, UnknownIsCalledUnknownAndTheLogGoesOn) {
  appended("one");
  backend_->lose_next_outcome(*log_);
  const auto unknown = append("in doubt");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::outcome_unknown);

  const Position position = appended("two");
  auto reader = follow();
  const auto records = read_all(*reader);
  const auto all = bytes_of(records);
  EXPECT_LE(std::count(all.begin(), all.end(), "in doubt"), 1);
  EXPECT_EQ(all.at(position.offset), "two");
  EXPECT_EQ(all.at(1), "one");
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_P(Append, LogHoldsWhatWasAcknowledgedWhenItIsOpenedAgain) {
  append_numbered(1, 40);
  log_.reset();
  log_ = backend_->open();
  EXPECT_EQ(log_->end(), (Position{0, 41}));
  EXPECT_EQ(log_->read_one(40)->bytes, numbered(40));
  EXPECT_EQ(appended("after"), (Position{0, 41}));
}

TEST_P(Append, GoesOnBehindWhatOthersAppended) {
  appended("mine");
  backend_->append_elsewhere({"theirs", "theirs too"});
  EXPECT_EQ(log_->end(), (Position{0, 4}));
  EXPECT_EQ(appended("mine again"), (Position{0, 4}));
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_P(Append, TwoHandlesAppendingAtOnceShareOneOrder) {
  auto other = backend_->open();
  std::thread theirs([&] {
    for (std::size_t i = 0; i < 40; ++i) EXPECT_TRUE(async::run_to_end(other->append("theirs")));
  });
  for (std::size_t i = 0; i < 40; ++i) appended("mine");
  theirs.join();
  EXPECT_EQ(log_->end(), (Position{0, 81}));
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_P(Append, EpochRisesWithARestore) {
  appended("before");
  const events::Event restored{EventId("01890a5d-ac96-774b-bcce-b302099a8058"),
                               Instant::from_seconds(1),
                               {"writer", 1},
                               {events::Actor::Kind::control, "0"},
                               RequestId("r"),
                               {},
                               {},
                               {},
                               events::LogRestored{3}};
  const Position position = appended(events::encode(restored));
  EXPECT_EQ(position, (Position{3, 2}));
  EXPECT_EQ(appended("after"), (Position{3, 3}));
  EXPECT_EQ(log_->end(), (Position{3, 4}));
  auto reader = follow();
  const auto records = read_all(*reader);
  EXPECT_EQ(records.at(1).position, (Position{0, 1}));
  EXPECT_EQ(records.at(2).position, (Position{3, 2}));
  EXPECT_EQ(records.at(3).position, (Position{3, 3}));
  EXPECT_EQ(log_->read_one(1)->position, (Position{0, 1}));
}

INSTANTIATE_TEST_SUITE_P(On, Append, testing::ValuesIn(backends()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace quicklime::eventlog::contract
