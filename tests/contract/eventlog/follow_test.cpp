// What EventLog promises to who reads: order, waking, anchors, and that a changed log is named.

#include <atomic>

#include "contract_fixture.hpp"

namespace quicklime::eventlog::contract {
namespace {

class Follow : public EventLogContract {};

TEST_P(Follow, EverythingInOrderAndThenNothing) {
  append_numbered(1, 250);
  auto reader = follow();
  const auto records = read_all(*reader);
  ASSERT_EQ(records.size(), 251U);
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(records[i].position, (Position{0, i}));
    EXPECT_EQ(records[i].bytes, i == 0 ? std::string(kFirst) : numbered(i));
  }
  EXPECT_EQ(records.back().chain, verify_chain(*log_)->chain);
  EXPECT_TRUE(reader->read(10, 1000, 0ms)->empty());
}

TEST_P(Follow, BatchesEndAtTheirLimits) {
  append_numbered(1, 9);
  EXPECT_EQ(follow()->read(4, 1 << 20, 0ms)->size(), 4U);
  EXPECT_EQ(follow()->read(100, 1, 0ms)->size(), 1U);  // one event always
  auto reader = follow();
  EXPECT_EQ(reader->read(100, kFirst.size() + 1, 0ms)->size(), 2U);
  EXPECT_EQ(reader->read(1, 1000, 0ms)->front().bytes, numbered(2));
}

TEST_P(Follow, ReadWaitsForTheNextEventAndIsToldAtOnce) {
  auto reader = follow();
  (void)read_all(*reader);
  std::thread later([&] {
    std::this_thread::sleep_for(50ms);
    appended("news");
  });
  const auto started = std::chrono::steady_clock::now();
  const auto records = reader->read(10, 1000, 10s);
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
  later.join();
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().bytes, "news");
}

TEST_P(Follow, ReadEndsEmptyWhenTheTimeIsOver) {
  auto reader = follow();
  (void)read_all(*reader);
  const auto started = std::chrono::steady_clock::now();
  EXPECT_TRUE(reader->read(10, 1000, 120ms)->empty());
  EXPECT_GE(std::chrono::steady_clock::now() - started, 120ms);
}

TEST_P(Follow, WakeEndsTheReadThatWaitsOrTheNext) {
  auto reader = follow();
  (void)read_all(*reader);
  std::thread later([&] {
    std::this_thread::sleep_for(50ms);
    reader->wake();
  });
  const auto started = std::chrono::steady_clock::now();
  EXPECT_TRUE(reader->read(10, 1000, 10s)->empty());
  later.join();
  reader->wake();
  EXPECT_TRUE(reader->read(10, 1000, 10s)->empty());
  EXPECT_LT(std::chrono::steady_clock::now() - started, 5s);
}

TEST_P(Follow, EventsOfAnotherProcessArriveToo) {
  auto reader = follow();
  (void)read_all(*reader);
  std::thread later([&] { backend_->append_elsewhere({"theirs"}); });
  const auto records = reader->read(10, 1000, 10s);
  later.join();
  ASSERT_EQ(records->size(), 1U);
  EXPECT_EQ(records->front().bytes, "theirs");
}

TEST_P(Follow, ReadersKeepUpWithConcurrentAppenders) {
  std::atomic<bool> finished{false};
  std::vector<Record> seen;
  auto reader = follow();
  std::thread reading([&] {
    while (seen.size() < 129) {
      auto records = reader->read(7, 1 << 20, 20ms);
      ASSERT_TRUE(records) << records.error().detail;
      for (Record& record : *records) seen.push_back(std::move(record));
      if (records->empty() && finished) break;
    }
  });
  (void)append_concurrently(4, 32);
  finished = true;
  reading.join();
  ASSERT_EQ(seen.size(), 129U);
  for (std::size_t i = 0; i < seen.size(); ++i) EXPECT_EQ(seen[i].position.offset, i);
}

// ---- a part of it

TEST_P(Follow, ARangeIsReadFromAnyOffset) {
  append_numbered(1, 250);
  const auto range = [&](std::uint64_t from, std::size_t maximum) {
    std::vector<std::string> bytes;
    const auto entries = log_->read_range(from, maximum);
    EXPECT_TRUE(entries) << entries.error().detail;
    for (const Entry& entry : *entries) {
      EXPECT_EQ(entry.position, (Position{0, from + bytes.size()}));
      EXPECT_EQ(entry.hash, crypto::sha256(entry.bytes));
      bytes.push_back(entry.bytes);
    }
    return bytes;
  };
  EXPECT_EQ(range(0, 2), (std::vector<std::string>{std::string(kFirst), numbered(1)}));
  EXPECT_EQ(range(7, 3), (std::vector<std::string>{numbered(7), numbered(8), numbered(9)}));
  EXPECT_TRUE(range(251, 10).empty()) << "the end";
  EXPECT_TRUE(range(9'000, 10).empty());
  // As many as come at once: who asks on gets all of them.
  std::vector<std::string> all;
  while (all.size() < 250) {
    const auto some = range(1 + all.size(), 100);
    ASSERT_FALSE(some.empty());
    ASSERT_LE(some.size(), 100U);
    all.insert(all.end(), some.begin(), some.end());
  }
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], numbered(i + 1));
}

TEST_P(Follow, ARangeEndsAtSoManyBytes) {
  constexpr std::size_t kLarge = 50'000;
  for (int i = 0; i < 30; ++i) appended(std::string(kLarge, 'x'));
  const auto some = log_->read_range(1, 100);
  ASSERT_TRUE(some);
  EXPECT_GT(some->size(), 0U);
  EXPECT_LE(some->size(), EventLog::kRangeBytes / kLarge + 1);
}

TEST_P(Follow, ARangeWithAnAlteredEventEndsBeforeItAndNamesIt) {
  append_numbered(1, 6);
  backend_->alter(4);
  EXPECT_EQ(log_->read_range(2, 10)->size(), 2U);
  EXPECT_EQ(log_->read_range(4, 10).error().reason, "log-altered");
}

// ---- anchors

TEST_P(Follow, AnchorContinuesBehindItsEvent) {
  append_numbered(1, 5);
  auto reader = follow(anchor_at(3));
  EXPECT_EQ(bytes_of(read_all(*reader)), (std::vector<std::string>{numbered(4), numbered(5)}));
  EXPECT_TRUE(read_all(*follow(anchor_at(5))).empty());
}

TEST_P(Follow, AnchorOfAnotherLogIsForeign) {
  append_numbered(1, 3);
  Anchor anchor = anchor_at(2);
  anchor.log_id = LogId("ffffffff-ac96-774b-bcce-b302099a8057");
  EXPECT_EQ(follow_fails(anchor), "log-foreign");
}

TEST_P(Follow, AnchorBeyondTheEndIsTruncation) {
  append_numbered(1, 3);
  const Anchor anchor = anchor_at(3);
  backend_->truncate(3);
  EXPECT_EQ(follow_fails(anchor), "log-truncated");
}

TEST_P(Follow, AnchorOfOtherBytesIsAlteration) {
  append_numbered(1, 3);
  for (const auto change : {+[](Anchor& anchor) { anchor.hash[0] ^= 1; }, +[](Anchor& anchor) { anchor.position.epoch = 1; }}) {
    Anchor anchor = anchor_at(2);
    change(anchor);
    EXPECT_EQ(follow_fails(anchor), "log-altered");
  }
  Anchor other_history = anchor_at(2);
  other_history.chain[31] ^= 1;
  if (log_->read_one(2)->chain) {
    EXPECT_EQ(follow_fails(other_history), "log-altered");
  } else {
    // Whoever compares with the chain from the log's start sees it.
    EXPECT_NE(read_all(*follow(other_history)).at(0).chain, verify_chain(*log_)->chain);
  }
  const Anchor anchor = anchor_at(2);
  backend_->alter(2);
  EXPECT_EQ(follow_fails(anchor), "log-altered");
}

TEST_P(Follow, AnchorInARecreatedLogIsForeign) {
  append_numbered(1, 3);
  const Anchor anchor = anchor_at(2);
  backend_->recreate(LogId("ffffffff-ac96-774b-bcce-b302099a8057"));
  EXPECT_EQ(follow_fails(anchor), "log-foreign");
}

// ---- a log that changes under its readers

TEST_P(Follow, AlteredEventIsNamedAndWhatIsBeforeItIsRead) {
  append_numbered(1, 6);
  backend_->alter(4);
  auto reader = follow();
  EXPECT_EQ(reader->read(100, 1 << 20, 0ms)->size(), 4U);
  const auto failure = read_to_failure(*reader);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::verification_failed);
  EXPECT_EQ(failure->reason, "log-altered");
  EXPECT_NE(failure->detail.find("offset 4"), std::string::npos) << failure->detail;

  EXPECT_EQ(log_->read_one(4).error().reason, "log-altered");
  const auto whole = verify_chain(*log_);
  ASSERT_FALSE(whole);
  EXPECT_NE(whole.error().detail.find("offset 4"), std::string::npos) << whole.error().detail;
}

TEST_P(Follow, ShorterLogIsNamed) {
  append_numbered(1, 6);
  auto reader = follow();
  (void)read_all(*reader);
  backend_->truncate(5);
  const auto failure = read_to_failure(*reader);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::verification_failed);
  EXPECT_EQ(failure->reason, "log-truncated");
  EXPECT_NE(failure->detail.find("offset 6"), std::string::npos) << failure->detail;
}

TEST_P(Follow, OtherEventsBehindACutAreNamed) {
  append_numbered(1, 3);
  log_.reset();
  auto other = backend_->open();
  auto reader = std::move(*other->follow(std::nullopt));
  (void)read_all(*reader);
  backend_->truncate(3);
  log_ = backend_->open();
  append_numbered(7, 8);  // in the place of event 3, and one more
  const auto failure = read_to_failure(*reader);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->reason, "log-altered");
}

TEST_P(Follow, AnotherLogInItsPlaceIsNamed) {
  append_numbered(1, 3);
  auto reader = follow();
  (void)read_all(*reader);
  backend_->recreate(LogId("ffffffff-ac96-774b-bcce-b302099a8057"));
  const auto failure = read_to_failure(*reader);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->code, ErrorCode::verification_failed);
  EXPECT_EQ(failure->reason, "log-foreign");
}

TEST_P(Follow, SameIdInItsPlaceWithFewerEventsIsNamed) {
  append_numbered(1, 3);
  auto reader = follow();
  (void)read_all(*reader);
  backend_->recreate(kLogId);
  const auto failure = read_to_failure(*reader);
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->reason, "log-truncated");
}

TEST_P(Follow, VerifiedChainEndsWithTheLastEvent) {
  append_numbered(1, 12);
  std::vector<std::uint64_t> progress;
  const auto last = verify_chain(*log_, [&](Position position) { progress.push_back(position.offset); });
  ASSERT_TRUE(last) << last.error().detail;
  EXPECT_EQ(last->log_id, kLogId);
  EXPECT_EQ(last->position, (Position{0, 12}));
  EXPECT_EQ(last->chain, chain_at(12));
  ASSERT_FALSE(progress.empty());
  EXPECT_EQ(progress.back(), 12U);
}

INSTANTIATE_TEST_SUITE_P(On, Follow, testing::ValuesIn(backends()), [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace quicklime::eventlog::contract
