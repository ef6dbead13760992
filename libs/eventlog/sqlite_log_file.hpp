#pragma once
// The tables of a log file, and the file as a reader sees it. Of this library only.
//
//   log(id TEXT)                                               one row
//   events(offset INTEGER PRIMARY KEY, bytes BLOB, chain BLOB)
//   epochs(offset INTEGER PRIMARY KEY, epoch INTEGER)          where each epoch after 0 begins (log.restored)

#include <filesystem>
#include <vector>

#include "eventlog/check.hpp"
#include "sqlite/sqlite.hpp"

namespace quicklime::eventlog {

inline constexpr std::int64_t kLogApplicationId = 0x514c4f47;  // "QLOG"
inline constexpr std::int64_t kLogFormat = 1;                  // PRAGMA user_version

// In a transaction of the caller's.
Result<void> create_log_tables(sqlite::Connection& connection, const LogId& id);

// The last event's place and chain, for who appends behind it.
struct Tail {
  Position position;
  crypto::Sha256Digest chain;
};

// A read-only connection; one thread at a time.
class SqliteLogFile {
 public:
  // "log-missing": no file, an empty one, or one that is no log.
  static Result<SqliteLogFile> open(const std::filesystem::path& file, Milliseconds busy);

  const LogId& id() const { return id_; }
  bool in_place() const { return connection_.in_place(); }
  Result<Position> end();
  // Verified against the chain before it.
  Result<Record> read_one(std::uint64_t offset);
  // At least one, if there is one; so many at most, and none behind so many bytes.
  Result<std::vector<Record>> read_range(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes);
  // As stored, in order, from this offset on; not verified.
  Result<std::vector<Stored>> read(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes);

 private:
  SqliteLogFile(sqlite::Connection connection, LogId id, sqlite::Statement end, sqlite::Statement from);
  sqlite::Connection connection_;
  LogId id_;
  sqlite::Statement end_;
  sqlite::Statement from_;
};

// What SQLite says, in the words of the log: a damaged file is an altered log, anything else passes.
Failure log_failure(const Error& error, std::uint64_t offset);

}  // namespace quicklime::eventlog
