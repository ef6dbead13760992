#include "sqlite/sqlite.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/file.hpp"

namespace quicklime::sqlite {

struct Handle {
  sqlite3* database = nullptr;
  std::filesystem::path file;
  struct stat opened {};  // which file it was, to notice when the path names another
  int frames = 0;         // in the WAL after the last commit; 0 once all of them are checkpointed
  int page_size = 4096;

  ~Handle();
};

// Not inline: the names of crash points stand in a section of their own, which no inline function may share.
Handle::~Handle() {
  // The last connection of a file checkpoints and removes the WAL.
  QUICKLIME_CRASH_POINT("sqlite.close.before");
  sqlite3_close(database);
  QUICKLIME_CRASH_POINT("sqlite.close.after");
}

struct Statement::Implementation {
  std::shared_ptr<Handle> handle;
  sqlite3_stmt* statement = nullptr;
  int bind_result = SQLITE_OK;

  ~Implementation() { sqlite3_finalize(statement); }
};

namespace {

Failure failure(const Handle& handle, int result, const char* verb) {
  const std::string detail = std::string("cannot ") + verb + " " + handle.file.string() + ": " +
                             (handle.database != nullptr ? sqlite3_errmsg(handle.database) : sqlite3_errstr(result)) + " (" +
                             std::to_string(result) + ")";
  switch (result & 0xff) {  // extended codes carry the primary one in the low octet
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return fail(ErrorCode::unavailable, "sqlite-busy", detail);
    case SQLITE_FULL: return fail(ErrorCode::unavailable, "sqlite-full", detail);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return fail(ErrorCode::verification_failed, "sqlite-corrupt", detail);
    default: return fail(ErrorCode::internal, "sqlite-error", detail);
  }
}

int note_frames(void* handle, sqlite3*, const char*, int frames) {
  static_cast<Handle*>(handle)->frames = frames;
  return SQLITE_OK;
}

Result<void> make_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return fail(errno == EEXIST ? ErrorCode::conflict : ErrorCode::internal, errno == EEXIST ? "file-exists" : "file-error",
                "cannot make " + file.string() + ": " + std::strerror(errno));
  }
  ::close(descriptor);
  return sync_directory(file.parent_path());
}

// cache_spill: a page written before the commit could mean a sync before the commit's crash point.
// The last statement reads, so that the WAL and its index are open (and made) when open returns.
constexpr const char* kWriter =
    "PRAGMA journal_mode=WAL; PRAGMA cache_spill=OFF; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; PRAGMA foreign_keys=OFF;"
    "SELECT count(*) FROM sqlite_schema;";
constexpr const char* kReader = "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF; SELECT count(*) FROM sqlite_schema;";

Result<std::shared_ptr<Handle>> open_handle(const std::filesystem::path& file, OpenMode mode, Synchronous synchronous, Milliseconds busy) {
  auto handle = std::make_shared<Handle>();
  handle->file = file;
  if (::stat(file.c_str(), &handle->opened) != 0) {
    const bool missing = errno == ENOENT || errno == ENOTDIR;
    return fail(missing ? ErrorCode::not_found : ErrorCode::internal, missing ? "sqlite-missing" : "file-error",
                "cannot open " + file.string() + ": " + std::strerror(errno));
  }
  const int flags =
      (mode == OpenMode::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  if (const int result = sqlite3_open_v2(file.c_str(), &handle->database, flags, nullptr); result != SQLITE_OK) {
    return failure(*handle, result, "open");
  }
  sqlite3_busy_timeout(handle->database, static_cast<int>(busy.count()));
  const std::string setup = mode == OpenMode::read_only
                                ? kReader
                                : std::string("PRAGMA synchronous=") + (synchronous == Synchronous::full ? "FULL;" : "NORMAL;") + kWriter;
  if (const int result = sqlite3_exec(handle->database, setup.c_str(), nullptr, nullptr, nullptr); result != SQLITE_OK) {
    return failure(*handle, result, "open");
  }
  sqlite3_wal_hook(handle->database, note_frames, handle.get());  // also turns automatic checkpoints off
  return handle;
}

}  // namespace

// ---- Statement

Statement::Statement(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}
Statement::Statement(Statement&&) noexcept = default;
Statement& Statement::operator=(Statement&&) noexcept = default;
Statement::~Statement() = default;

Statement& Statement::bind(int index, std::int64_t value) {
  implementation_->bind_result |= sqlite3_bind_int64(implementation_->statement, index, value);
  return *this;
}

Statement& Statement::bind(int index, std::string_view blob) {
  // A null pointer would bind NULL, and an empty view may hold one.
  implementation_->bind_result |=
      sqlite3_bind_blob64(implementation_->statement, index, blob.data() != nullptr ? blob.data() : "", blob.size(), SQLITE_STATIC);
  return *this;
}

Statement& Statement::bind_text(int index, std::string_view text) {
  implementation_->bind_result |= sqlite3_bind_text64(implementation_->statement, index, text.data() != nullptr ? text.data() : "",
                                                      text.size(), SQLITE_STATIC, SQLITE_UTF8);
  return *this;
}

Result<bool> Statement::step() {
  if (implementation_->bind_result != SQLITE_OK) return failure(*implementation_->handle, implementation_->bind_result, "bind a value for");
  const int result = sqlite3_step(implementation_->statement);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) return false;
  auto failed = failure(*implementation_->handle, result, "use");
  sqlite3_reset(implementation_->statement);
  return failed;
}

Result<void> Statement::run() {
  for (;;) {
    const auto row = step();
    if (!row) return forward(row);
    if (!*row) break;
  }
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(implementation_->statement);
  implementation_->bind_result = SQLITE_OK;
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(implementation_->statement, column); }

std::string_view Statement::blob(int column) const {
  const void* const data = sqlite3_column_blob(implementation_->statement, column);
  return {static_cast<const char*>(data), static_cast<std::size_t>(sqlite3_column_bytes(implementation_->statement, column))};
}

bool Statement::is_null(int column) const { return sqlite3_column_type(implementation_->statement, column) == SQLITE_NULL; }

// ---- Connection

Connection::Connection(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Result<Connection> Connection::open(const std::filesystem::path& file, OpenMode mode, Synchronous synchronous, Milliseconds busy) {
  if (mode == OpenMode::create) {
    if (auto made = make_file(file); !made) return forward(made);
  }
  auto handle = QUICKLIME_DURABLE("sqlite.open", open_handle(file, mode, synchronous, busy));
  if (!handle) return forward(handle);
  Connection connection(std::move(*handle));
  if (mode != OpenMode::read_only) {
    // Where WAL cannot be had (a network file system) the pragma keeps the old mode without an error.
    auto journal = connection.prepare("PRAGMA journal_mode");
    if (!journal) return forward(journal);
    if (const auto row = journal->step(); !row) return forward(row);
    if (journal->blob(0) != "wal") {
      return fail(ErrorCode::unsupported, "sqlite-no-wal",
                  file.string() + " cannot use write-ahead logging here (it needs a local file system with shared memory)");
    }
    const auto page_size = connection.query_integer("PRAGMA page_size");
    if (!page_size) return forward(page_size);
    connection.handle_->page_size = static_cast<int>(*page_size);
  }
  return connection;
}

Result<void> Connection::execute(const std::string& sql) {
  const int result = sqlite3_exec(handle_->database, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return failure(*handle_, result, "use");
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  auto statement = std::make_unique<Statement::Implementation>();
  statement->handle = handle_;
  const int result = sqlite3_prepare_v3(handle_->database, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                                        &statement->statement, nullptr);
  if (result != SQLITE_OK) return failure(*handle_, result, "use");
  return Statement(std::move(statement));
}

Result<std::int64_t> Connection::query_integer(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement) return forward(statement);
  const auto row = statement->step();
  if (!row) return forward(row);
  if (!*row) return fail(ErrorCode::internal, "sqlite-error", "no row in " + handle_->file.string() + " for: " + sql);
  return statement->integer(0);
}

Result<void> Connection::begin() { return execute("BEGIN IMMEDIATE"); }

Result<void> Connection::commit() {
  const int result = sqlite3_exec(handle_->database, "COMMIT", nullptr, nullptr, nullptr);
  if (result == SQLITE_OK) return {};
  auto failed = failure(*handle_, result, "commit to");
  rollback();
  const int primary = result & 0xff;
  if (primary == SQLITE_BUSY || primary == SQLITE_FULL) return failed;
  failed.value().code = ErrorCode::outcome_unknown;
  return failed;
}

void Connection::rollback() {
  if (sqlite3_get_autocommit(handle_->database) == 0) sqlite3_exec(handle_->database, "ROLLBACK", nullptr, nullptr, nullptr);
}

Result<void> Connection::checkpoint(Checkpoint kind) {
  const int mode = kind == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  int in_wal = 0;
  int moved = 0;
  const int result = QUICKLIME_DURABLE("sqlite.checkpoint", sqlite3_wal_checkpoint_v2(handle_->database, nullptr, mode, &in_wal, &moved));
  if (result != SQLITE_OK) return failure(*handle_, result, "checkpoint");
  handle_->frames = in_wal == moved ? 0 : in_wal;
  return {};
}

std::int64_t Connection::wal_bytes() const { return std::int64_t{handle_->frames} * handle_->page_size; }

bool Connection::in_place() const {
  struct stat now {};
  return ::stat(handle_->file.c_str(), &now) == 0 && now.st_dev == handle_->opened.st_dev && now.st_ino == handle_->opened.st_ino;
}

}  // namespace quicklime::sqlite
