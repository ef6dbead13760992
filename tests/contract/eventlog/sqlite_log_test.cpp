// What only the log in a file can get wrong.

#include "eventlog/sqlite_log.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <functional>
#include <latch>
#include <thread>

#include "disk_faults.hpp"
#include "sqlite/sqlite.hpp"

namespace quicklime::eventlog {
namespace {

using namespace std::chrono_literals;

class SqliteLogFileTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sqlite-log-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ASSERT_TRUE(create_sqlite_log(file(), LogId("log"), "first"));
  }
  void TearDown() override {
    log_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::filesystem::path file() const { return directory_ / "log.db"; }
  void open(const SqliteLogOptions& options = {}) {
    auto opened = open_sqlite_log(file(), options, registry_);
    ASSERT_TRUE(opened) << opened.error().detail;
    log_ = std::move(*opened);
  }
  std::string open_fails() {
    const auto opened = open_sqlite_log(file(), {}, registry_);
    return opened ? "no failure" : opened.error().reason;
  }
  Result<Position> append(std::string bytes) { return async::run_to_end(log_->append(std::move(bytes))); }

  static void wait_until(const std::function<bool()>& holds) {
    for (int i = 0; i < 20'000 && !holds(); ++i) std::this_thread::sleep_for(1ms);
    EXPECT_TRUE(holds());
  }
  double queued() const {
    double found = 0;
    registry_.each([&](const std::string& name, const metrics::Registry::Family& family) {
      if (name == "quicklime_log_waiting_appends") found = family.gauges.begin()->second();
    });
    return found;
  }

  // Spawns the appends on four loops; returns when all are answered.
  std::vector<Result<Position>> append_at_once(
      int count, std::function<void()> when_spawned = [] {}) {
    std::mutex mutex;
    std::vector<Result<Position>> answers;
    std::latch done(count);
    async::LoopThread loops[4] = {async::LoopThread("a"), async::LoopThread("b"), async::LoopThread("c"), async::LoopThread("d")};
    for (int i = 0; i < count; ++i) {
      loops[i % 4].loop().spawn([](EventLog& log, std::mutex& lock, std::vector<Result<Position>>& into, std::atomic<int>& refused,
                                   std::latch& latch) -> async::Task<void> {
        auto answer = co_await log.append("event");
        if (!answer && answer.error().reason == "log-queue-full") ++refused;
        {
          std::lock_guard guard(lock);
          into.push_back(std::move(answer));
        }
        latch.count_down();
      }(*log_, mutex, answers, refused_at_once_, done));
    }
    when_spawned();
    done.wait();
    return answers;
  }

  std::filesystem::path directory_;
  std::atomic<int> refused_at_once_{0};
  metrics::Registry registry_;
  std::unique_ptr<EventLog> log_;
};

TEST_F(SqliteLogFileTest, WhatGrowsOldInTheQueueIsLeftOutOfItsBatch) {
  open();
  stall_sqlite_log_for_test(*log_, true);
  std::vector<std::optional<Result<Position>>> answers(3);
  std::latch done(3);
  async::LoopThread loop("appends");
  for (std::size_t i = 0; i < 3; ++i) {
    const auto persist_by = i == 1 ? std::chrono::steady_clock::now() + 200ms : kWhenever;
    loop.loop().spawn([](EventLog& log, PersistBy by, std::optional<Result<Position>>& into, std::latch& latch) -> async::Task<void> {
      into = co_await log.append("event", by);
      latch.count_down();
    }(*log_, persist_by, answers[i], done));
  }
  wait_until([&] { return queued() == 3; });
  std::this_thread::sleep_for(250ms);
  stall_sqlite_log_for_test(*log_, false);
  done.wait();
  EXPECT_EQ(answers[0]->value(), (Position{0, 1}));
  EXPECT_EQ(answers[1]->error().reason, "view-stale");
  EXPECT_EQ(answers[2]->value(), (Position{0, 2}));
  EXPECT_EQ(log_->end(), (Position{0, 3}));
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_F(SqliteLogFileTest, LoneAppendIsOneSync) {
  open();
  ASSERT_TRUE(append("warm"));
  const auto before = disk_faults::syncs();
  ASSERT_TRUE(append("lone"));
  EXPECT_EQ(disk_faults::syncs() - before, 1U);
}

TEST_F(SqliteLogFileTest, SixtyFourAppendsAtOnceAreAtMostEightSyncs) {
  open();
  ASSERT_TRUE(append("warm"));
  const auto before = disk_faults::syncs();
  disk_faults::hold_syncs(true);
  std::thread first([&] { EXPECT_TRUE(append("first")); });
  wait_until([&] { return disk_faults::syncs() > before; });
  const auto answers = append_at_once(63, [&] {
    wait_until([&] { return queued() == 63; });  // however long it takes this machine to send them
    disk_faults::hold_syncs(false);
  });
  first.join();
  for (const auto& answer : answers) ASSERT_TRUE(answer) << answer.error().detail;
  EXPECT_LE(disk_faults::syncs() - before, 8U);
}

TEST_F(SqliteLogFileTest, AStalledBacklogIsWrittenInFullBatches) {
  open();
  ASSERT_TRUE(append("warm"));
  stall_sqlite_log_for_test(*log_, true);
  std::uint64_t before = 0;
  const auto answers = append_at_once(96, [&] {
    wait_until([&] { return queued() == 96; });
    before = disk_faults::syncs();
    stall_sqlite_log_for_test(*log_, false);
  });
  EXPECT_EQ(disk_faults::syncs() - before, 3U);
  for (const auto& answer : answers) EXPECT_TRUE(answer);
}

TEST_F(SqliteLogFileTest, FullQueueRefusesAtOnce) {
  SqliteLogOptions options;
  options.queue_events = 10;
  open(options);
  stall_sqlite_log_for_test(*log_, true);
  const auto answers = append_at_once(25, [&] {
    wait_until([&] { return queued() == 10 && refused_at_once_ == 15; });
    stall_sqlite_log_for_test(*log_, false);
  });
  int refused = 0;
  for (const auto& answer : answers) {
    if (answer) continue;
    ++refused;
    EXPECT_EQ(answer.error().code, ErrorCode::unavailable);
    EXPECT_EQ(answer.error().reason, "log-queue-full");
    EXPECT_EQ(answer.error().retry_after_seconds, 1U);
  }
  EXPECT_EQ(refused, 15);
  EXPECT_EQ(log_->end(), (Position{0, 11}));
}

TEST_F(SqliteLogFileTest, AnUnknownOutcomeIsUnknownForTheWholeBatch) {
  open();
  stall_sqlite_log_for_test(*log_, true);
  const auto answers = append_at_once(20, [&] {
    wait_until([&] { return queued() == 20; });
    disk_faults::fail_next_sync();
    stall_sqlite_log_for_test(*log_, false);
  });
  for (const auto& answer : answers) {
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, ErrorCode::outcome_unknown);
  }
  ASSERT_TRUE(append("after"));
  EXPECT_TRUE(verify_chain(*log_));
}

TEST_F(SqliteLogFileTest, QueuedAppendsAreWrittenWhenTheLogIsClosed) {
  open();
  stall_sqlite_log_for_test(*log_, true);
  const auto answers = append_at_once(5, [&] {
    wait_until([&] { return queued() == 5; });
    log_.reset();
  });
  for (const auto& answer : answers) EXPECT_TRUE(answer);
  open();
  EXPECT_EQ(log_->end(), (Position{0, 6}));
}

TEST_F(SqliteLogFileTest, ClosingLeavesOneFile) {
  open();
  ASSERT_TRUE(append("event"));
  EXPECT_TRUE(log_->read_one(1));
  log_.reset();
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-shm"));
}

TEST_F(SqliteLogFileTest, AnExistingFileIsNotMadeAnew) {
  const auto again = create_sqlite_log(file(), LogId("other"), "first");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "file-exists");
  open();
  EXPECT_EQ(log_->id(), LogId("log"));
}

TEST_F(SqliteLogFileTest, AMissingOrEmptyFileStartsNoLog) {
  std::filesystem::remove(file());
  EXPECT_EQ(open_fails(), "log-missing");
  EXPECT_FALSE(std::filesystem::exists(file()));
  std::ofstream(file()).close();
  EXPECT_EQ(open_fails(), "log-missing");
  EXPECT_EQ(std::filesystem::file_size(file()), 0U);
}

TEST_F(SqliteLogFileTest, AFileThatIsNoLogIsRefusedUntouched) {
  std::ofstream(file(), std::ios::trunc) << std::string(8192, 'x');
  EXPECT_EQ(open_fails(), "log-missing");
  std::ifstream content(file());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(content), {}), std::string(8192, 'x'));
}

TEST_F(SqliteLogFileTest, AnAlteredLastEventIsNamedWhenTheLogIsOpened) {
  open();
  ASSERT_TRUE(append("one"));
  log_.reset();
  {
    auto connection = sqlite::Connection::open(file(), sqlite::OpenMode::read_write, sqlite::Synchronous::full, 1s);
    ASSERT_TRUE(connection);
    ASSERT_TRUE(connection->execute("UPDATE events SET bytes = CAST('two' AS BLOB) WHERE offset = 1"));
  }
  EXPECT_EQ(open_fails(), "log-altered");
}

TEST_F(SqliteLogFileTest, NothingIsAppendedToAFileThatWasReplaced) {
  open();
  ASSERT_TRUE(append("one"));
  const auto beside = directory_ / "copy.db";
  ASSERT_TRUE(create_sqlite_log(beside, LogId("log"), "first"));
  std::filesystem::rename(beside, file());
  const auto refused = append("two");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_EQ(refused.error().reason, "log-replaced");
}

TEST_F(SqliteLogFileTest, NothingIsAppendedBehindACutOrAlteredTail) {
  open();
  ASSERT_TRUE(append("one"));
  ASSERT_TRUE(append("two"));
  auto connection = sqlite::Connection::open(file(), sqlite::OpenMode::read_write, sqlite::Synchronous::full, 1s);
  ASSERT_TRUE(connection);
  ASSERT_TRUE(connection->execute("UPDATE events SET chain = zeroblob(32) WHERE offset = 2"));
  EXPECT_EQ(append("three").error().reason, "log-altered");
  ASSERT_TRUE(connection->execute("DELETE FROM events WHERE offset = 2"));
  EXPECT_EQ(append("three").error().reason, "log-truncated");
}

TEST_F(SqliteLogFileTest, ManyThreadsReadAtOnce) {
  open();
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(append("event " + std::to_string(i)));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (std::uint64_t i = 1; i <= 50; ++i) EXPECT_EQ(log_->read_one(i)->bytes, "event " + std::to_string(i - 1));
    });
  }
  for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace quicklime::eventlog
