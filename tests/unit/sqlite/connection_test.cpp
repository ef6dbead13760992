#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "sqlite/per_thread.hpp"
#include "sqlite/sqlite.hpp"

namespace quicklime::sqlite {
namespace {

class ConnectionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sqlite-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path file() const { return directory_ / "test.db"; }
  Result<Connection> open(OpenMode mode, Milliseconds busy = Milliseconds(100)) {
    return Connection::open(file(), mode, Synchronous::full, busy);
  }
  // A file with table t(k BLOB, n INTEGER).
  Connection made() {
    auto connection = open(OpenMode::create);
    EXPECT_TRUE(connection) << connection.error().detail;
    EXPECT_TRUE(connection->begin());
    EXPECT_TRUE(connection->execute("CREATE TABLE t(k BLOB PRIMARY KEY, n INTEGER)"));
    EXPECT_TRUE(connection->commit());
    return std::move(*connection);
  }
  static void insert(Connection& connection, std::string_view key, std::int64_t number) {
    auto statement = connection.prepare("INSERT INTO t(k, n) VALUES (?1, ?2)");
    ASSERT_TRUE(statement) << statement.error().detail;
    const auto done = statement->bind(1, key).bind(2, number).run();
    ASSERT_TRUE(done) << done.error().detail;
  }
  static std::int64_t rows(Connection& connection) { return *connection.query_integer("SELECT count(*) FROM t"); }

  std::filesystem::path directory_;
};

TEST_F(ConnectionTest, FileIsPrivateAndUsesAWriteAheadLog) {
  auto connection = made();
  EXPECT_EQ(std::filesystem::status(file()).permissions(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  EXPECT_TRUE(std::filesystem::exists(file().string() + "-wal"));
  EXPECT_EQ(connection.query_integer("PRAGMA synchronous"), 2);
}

TEST_F(ConnectionTest, CreateRefusesWhatExistsAndTheOthersWhatDoesNot) {
  EXPECT_EQ(open(OpenMode::read_write).error().reason, "sqlite-missing");
  EXPECT_EQ(open(OpenMode::read_only).error().code, ErrorCode::not_found);
  EXPECT_FALSE(std::filesystem::exists(file()));
  made();
  EXPECT_EQ(open(OpenMode::create).error().reason, "file-exists");
}

TEST_F(ConnectionTest, BytesComeBackAsBoundTheEmptyStringToo) {
  auto connection = made();
  ASSERT_TRUE(connection.begin());
  const std::string zero("a\0b", 3);
  insert(connection, zero, 1);
  insert(connection, std::string_view(), 2);
  ASSERT_TRUE(connection.commit());
  auto query = connection.prepare("SELECT k, n, NULL FROM t ORDER BY n");
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->blob(0), zero);
  EXPECT_EQ(query->integer(1), 1);
  EXPECT_TRUE(query->is_null(2));
  ASSERT_TRUE(*query->step());
  EXPECT_EQ(query->blob(0), "");
  EXPECT_FALSE(query->is_null(0));
  EXPECT_FALSE(*query->step());
}

TEST_F(ConnectionTest, RolledBackIsNotThere) {
  auto connection = made();
  ASSERT_TRUE(connection.begin());
  insert(connection, "a", 1);
  connection.rollback();
  connection.rollback();  // of nothing: harmless
  EXPECT_EQ(rows(connection), 0);
}

TEST_F(ConnectionTest, ReaderSeesOneMomentAndCannotWrite) {
  auto writer = made();
  auto reader = open(OpenMode::read_only);
  ASSERT_TRUE(reader) << reader.error().detail;
  ASSERT_TRUE(reader->execute("BEGIN"));
  EXPECT_EQ(rows(*reader), 0);
  ASSERT_TRUE(writer.begin());
  insert(writer, "a", 1);
  ASSERT_TRUE(writer.commit());
  EXPECT_EQ(rows(*reader), 0);
  ASSERT_TRUE(reader->execute("COMMIT"));
  EXPECT_EQ(rows(*reader), 1);
  EXPECT_FALSE(reader->execute("DELETE FROM t"));
}

TEST_F(ConnectionTest, SecondWriterIsBusy) {
  auto first = made();
  auto second = open(OpenMode::read_write);
  ASSERT_TRUE(second);
  ASSERT_TRUE(first.begin());
  const auto busy = second->begin();
  ASSERT_FALSE(busy);
  EXPECT_EQ(busy.error().code, ErrorCode::unavailable);
  EXPECT_EQ(busy.error().reason, "sqlite-busy");
  first.rollback();
  EXPECT_TRUE(second->begin());
}

TEST_F(ConnectionTest, CheckpointMovesTheWalIntoTheFile) {
  auto connection = made();
  EXPECT_GT(connection.wal_bytes(), 0);
  ASSERT_TRUE(connection.checkpoint(Connection::Checkpoint::passive));
  EXPECT_EQ(connection.wal_bytes(), 0);
  ASSERT_TRUE(connection.begin());
  insert(connection, "a", 1);
  ASSERT_TRUE(connection.commit());
  EXPECT_GT(connection.wal_bytes(), 0);
  ASSERT_TRUE(connection.checkpoint(Connection::Checkpoint::truncate));
  EXPECT_EQ(std::filesystem::file_size(file().string() + "-wal"), 0U);
}

TEST_F(ConnectionTest, TruncatingPastAReaderIsBusy) {
  auto connection = made();
  auto reader = open(OpenMode::read_only);
  ASSERT_TRUE(reader->execute("BEGIN"));
  EXPECT_EQ(rows(*reader), 0);
  ASSERT_TRUE(connection.begin());
  insert(connection, "a", 1);
  ASSERT_TRUE(connection.commit());
  EXPECT_EQ(connection.checkpoint(Connection::Checkpoint::truncate).error().reason, "sqlite-busy");
  EXPECT_GT(connection.wal_bytes(), 0);
}

TEST_F(ConnectionTest, NothingIsCheckpointedUnasked) {
  auto connection = made();
  const std::string block(4000, 'x');
  for (int commit = 0; commit < 20; ++commit) {
    ASSERT_TRUE(connection.begin());
    for (int i = 0; i < 100; ++i) insert(connection, block + std::to_string(commit * 100 + i), i);
    ASSERT_TRUE(connection.commit());
  }
  // SQLite's own default would have checkpointed at 1,000 pages.
  EXPECT_GT(connection.wal_bytes(), 8'000'000);
}

TEST_F(ConnectionTest, StatementMayOutliveItsConnection) {
  std::optional<Statement> statement;
  {
    auto connection = made();
    auto prepared = connection.prepare("SELECT count(*) FROM t");
    ASSERT_TRUE(prepared);
    statement.emplace(std::move(*prepared));
  }
  EXPECT_TRUE(*statement->step());
  statement.reset();
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));  // closed now
}

TEST_F(ConnectionTest, NoDatabaseIsCorrupt) {
  std::ofstream(file()) << std::string(8192, 'x');
  EXPECT_EQ(open(OpenMode::read_only).error().reason, "sqlite-corrupt");
  EXPECT_EQ(open(OpenMode::read_write).error().code, ErrorCode::verification_failed);
}

TEST_F(ConnectionTest, MistakesInSqlAreErrorsThatNameTheFile) {
  auto connection = made();
  const auto wrong = connection.prepare("SELECT nothing FROM nowhere");
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().reason, "sqlite-error");
  EXPECT_NE(wrong.error().detail.find(file().string()), std::string::npos);
  auto statement = connection.prepare("SELECT ?1");
  EXPECT_FALSE(statement->bind(2, std::int64_t{1}).step());  // no such parameter
}

TEST_F(ConnectionTest, ReplacedFileIsNoticed) {
  auto connection = made();
  EXPECT_TRUE(connection.in_place());
  std::filesystem::rename(file(), directory_ / "moved.db");
  EXPECT_FALSE(connection.in_place());
  std::ofstream(file()).close();
  EXPECT_FALSE(connection.in_place());
}

TEST_F(ConnectionTest, PerThreadMakesOneEachAndEndsThemTogether) {
  made();
  PerThread<Connection> connections;
  const auto make = [&] { return open(OpenMode::read_only); };
  const auto mine = connections.get(make);
  ASSERT_TRUE(mine);
  EXPECT_EQ(*connections.get(make), *mine);
  std::thread([&] {
    const auto theirs = connections.get(make);
    ASSERT_TRUE(theirs);
    EXPECT_NE(*theirs, *mine);
    EXPECT_EQ(rows(**theirs), 0);
  }).join();
  connections.drop();
  const auto again = connections.get(make);
  ASSERT_TRUE(again);
  EXPECT_EQ(rows(**again), 0);
  std::filesystem::rename(file(), directory_ / "moved.db");
  connections.drop();
  EXPECT_EQ(connections.get(make).error().code, ErrorCode::not_found);  // a failure is not kept
}

}  // namespace
}  // namespace quicklime::sqlite
