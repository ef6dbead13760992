#pragma once
// One small wrapper over SQLite: connection, statement, transaction. A connection and its
// statements are used by one thread at a time.
//
// Crash points (base/crash_point.hpp): opening, checkpointing and closing carry theirs here
// (sqlite.open, sqlite.checkpoint, sqlite.close). A commit is named by its caller, who alone knows
// what becomes durable:  QUICKLIME_DURABLE("log.commit", connection.commit()).
// Writes happen between begin and commit only, so nothing else reaches the disk.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/crash_point.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"

namespace quicklime::sqlite {

enum class OpenMode { create, read_write, read_only };  // create: the file must not exist
enum class Synchronous { normal, full };

struct Handle;  // sqlite3*, closed when the connection and its last statement are gone

// A prepared statement. Bind, then step until false, then reset. Columns are valid until the next step.
class Statement {
 public:
  Statement(Statement&&) noexcept;
  Statement& operator=(Statement&&) noexcept;
  ~Statement();

  Statement& bind(int index, std::int64_t value);     // from 1
  Statement& bind(int index, std::string_view blob);  // as BLOB, not copied: must outlive the step
  Statement& bind_text(int index, std::string_view text);
  Result<bool> step();  // true: a row
  Result<void> run();   // step to the end and reset
  void reset();
  std::int64_t integer(int column) const;   // from 0
  std::string_view blob(int column) const;  // text too
  bool is_null(int column) const;

 private:
  friend class Connection;
  struct Implementation;
  explicit Statement(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

// Errors: `unavailable` "sqlite-busy" or "sqlite-full", `verification_failed` "sqlite-corrupt" (also: no
// database), `not_found` "sqlite-missing", `internal` "sqlite-error"; the detail names the file.
class Connection {
 public:
  // WAL for writers (busy_timeout on every connection; no automatic checkpoint: the owner of the writing
  // connection calls checkpoint). read_only waits for a file that is being made only as long as busy.
  static Result<Connection> open(const std::filesystem::path& file, OpenMode mode, Synchronous synchronous, Milliseconds busy);
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;
  ~Connection();

  Result<void> execute(const std::string& sql);     // one or more statements without parameters
  Result<Statement> prepare(std::string_view sql);  // kept for long: SQLITE_PREPARE_PERSISTENT
  Result<std::int64_t> query_integer(const std::string& sql);

  Result<void> begin();  // BEGIN IMMEDIATE
  // BUSY and FULL are `unavailable`: rolled back, nothing written. Any other failure is `outcome_unknown`:
  // the commit may be in the file; close, reopen, checkpoint before trusting what is read.
  Result<void> commit();
  void rollback();
  enum class Checkpoint { passive, truncate };
  // truncate succeeds only when everything is in the database file; passive does what readers allow.
  Result<void> checkpoint(Checkpoint kind);
  // Written to the log beside the database since a checkpoint last covered all of it.
  std::int64_t wal_bytes() const;
  // Whether the path still names the file that was opened, which deleting or replacing it changes.
  bool in_place() const;

 private:
  explicit Connection(std::shared_ptr<Handle> handle);
  std::shared_ptr<Handle> handle_;
};

}  // namespace quicklime::sqlite
