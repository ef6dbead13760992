#pragma once
// One small wrapper over SQLite: connection, statement, transaction. A connection and its
// statements belong to one thread.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"

namespace quicklime::sqlite {

enum class OpenMode { create, read_write, read_only };  // create: the file must not exist
enum class Synchronous { normal, full };

class Connection;

// A prepared statement. Bind, then step until false, then reset. Columns are valid until the next step.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  Statement& bind(int index, std::int64_t value);      // from 1
  Statement& bind(int index, std::string_view blob);   // bound as BLOB, not copied: outlives the step
  Result<bool> step();                                 // true: a row
  void reset();
  std::int64_t integer(int column) const;              // from 0
  std::string_view blob(int column) const;
  bool is_null(int column) const;

 private:
  friend class Connection;
  struct Implementation;
  explicit Statement(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

class Connection {
 public:
  // WAL for writers (busy_timeout on every connection; wal_autocheckpoint off: the owner of the writing
  // connection calls checkpoint). read_only waits for a file that is being made only as long as busy.
  static Result<Connection> open(const std::filesystem::path& file, OpenMode mode, Synchronous synchronous, Milliseconds busy);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  Result<void> execute(const std::string& sql);          // one or more statements without parameters
  Result<Statement> prepare(std::string_view sql);       // kept for long: SQLITE_PREPARE_PERSISTENT
  Result<std::int64_t> query_integer(const std::string& sql);

  // name: of the crash points around the commit ("log.commit" gives log.commit.before and .after).
  Result<void> begin();                                  // BEGIN IMMEDIATE
  // BUSY and FULL are `unavailable`: rolled back, nothing written. Any other failure is `outcome_unknown`:
  // the commit may be in the file; close, reopen, checkpoint before trusting what is read.
  Result<void> commit(const char* name);
  void rollback();
  enum class Checkpoint { passive, truncate };
  Result<void> checkpoint(Checkpoint kind);
  std::int64_t wal_bytes() const;                        // of the file beside the database

 private:
  struct Implementation;
  explicit Connection(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::sqlite
