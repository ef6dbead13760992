#include "eventlog/sqlite_log_file.hpp"

namespace quicklime::eventlog {
namespace {

// NULL, read as 0, before the first row of epochs.
constexpr const char* kEnd =
    "SELECT offset, (SELECT epoch FROM epochs WHERE epochs.offset <= events.offset ORDER BY epochs.offset DESC LIMIT 1)"
    " FROM events ORDER BY offset DESC LIMIT 1";
constexpr const char* kFrom =
    "SELECT offset, (SELECT epoch FROM epochs WHERE epochs.offset <= events.offset ORDER BY epochs.offset DESC LIMIT 1), bytes, chain"
    " FROM events WHERE offset >= ?1 ORDER BY offset LIMIT ?2";

Failure missing(const std::filesystem::path& file, const std::string& how) {
  return fail(ErrorCode::not_found, "log-missing", "there is no log at " + file.string() + " (" + how + "); make one with quicklime init");
}

Position position(const sqlite::Statement& row) {
  return Position{static_cast<std::uint64_t>(row.integer(1)), static_cast<std::uint64_t>(row.integer(0))};
}

}  // namespace

Result<void> create_log_tables(sqlite::Connection& connection, const LogId& id) {
  auto made = connection.execute(
      "CREATE TABLE log(id TEXT NOT NULL) STRICT;"
      "CREATE TABLE events(offset INTEGER PRIMARY KEY, bytes BLOB NOT NULL, chain BLOB NOT NULL) STRICT;"
      "CREATE TABLE epochs(offset INTEGER PRIMARY KEY, epoch INTEGER NOT NULL) STRICT;"
      "PRAGMA application_id=" +
      std::to_string(kLogApplicationId) + "; PRAGMA user_version=" + std::to_string(kLogFormat) + ";");
  if (!made) return forward(made);
  auto insert = connection.prepare("INSERT INTO log(id) VALUES (?1)");
  if (!insert) return forward(insert);
  return insert->bind_text(1, id.text()).run();
}

Failure log_failure(const Error& error, std::uint64_t offset) {
  if (error.code == ErrorCode::verification_failed) return log_altered(offset, "the file is damaged: " + error.detail);
  return fail(Error{ErrorCode::unavailable, "log-unavailable", error.detail, "", 1});
}

SqliteLogFile::SqliteLogFile(sqlite::Connection connection, LogId id, sqlite::Statement end, sqlite::Statement from)
    : connection_(std::move(connection)), id_(std::move(id)), end_(std::move(end)), from_(std::move(from)) {}

Result<SqliteLogFile> SqliteLogFile::open(const std::filesystem::path& file, Milliseconds busy) {
  std::error_code ignored;
  if (std::filesystem::file_size(file, ignored) == 0) return missing(file, "the file is empty");
  auto connection = sqlite::Connection::open(file, sqlite::OpenMode::read_only, sqlite::Synchronous::full, busy);
  if (!connection) {
    if (connection.error().code == ErrorCode::not_found) return missing(file, "no such file");
    if (connection.error().code == ErrorCode::verification_failed) return missing(file, connection.error().detail);
    return forward(connection);
  }
  const auto application = connection->query_integer("PRAGMA application_id");
  if (!application) return log_failure(application.error(), 0);
  if (*application != kLogApplicationId) return missing(file, "the file is another database");
  const auto format = connection->query_integer("PRAGMA user_version");
  if (!format) return log_failure(format.error(), 0);
  if (*format != kLogFormat) {
    return fail(ErrorCode::unsupported, "log-format",
                file.string() + " has log format " + std::to_string(*format) + ", this program reads format " + std::to_string(kLogFormat));
  }
  std::string id;
  {
    auto query = connection->prepare("SELECT id FROM log");
    if (!query) return log_failure(query.error(), 0);
    const auto row = query->step();
    if (!row) return log_failure(row.error(), 0);
    if (!*row) return missing(file, "the log has no id");
    id = query->blob(0);
  }
  auto end = connection->prepare(kEnd);
  if (!end) return log_failure(end.error(), 0);
  auto from = connection->prepare(kFrom);
  if (!from) return log_failure(from.error(), 0);
  return SqliteLogFile(std::move(*connection), LogId(std::move(id)), std::move(*end), std::move(*from));
}

Result<Position> SqliteLogFile::end() {
  const auto row = end_.step();
  if (!row) return log_failure(row.error(), 0);
  Position end;
  if (*row) {
    end = position(end_);
    ++end.offset;
  }
  end_.reset();
  return end;
}

Result<std::vector<Stored>> SqliteLogFile::read(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes) {
  std::vector<Stored> events;
  std::size_t bytes = 0;
  from_.bind(1, static_cast<std::int64_t>(offset)).bind(2, static_cast<std::int64_t>(maximum_events));
  while (events.empty() || bytes < maximum_bytes) {
    const auto row = from_.step();
    if (!row) {
      // Damage is reported when it is reached, behind the events that are whole.
      if (!events.empty()) break;
      return log_failure(row.error(), offset);
    }
    if (!*row) break;
    events.push_back(Stored{position(from_), std::string(from_.blob(2)), std::string(from_.blob(3))});
    bytes += events.back().bytes.size();
  }
  from_.reset();
  return events;
}

Result<std::vector<Record>> SqliteLogFile::read_range(std::uint64_t offset, std::size_t maximum_events, std::size_t maximum_bytes) {
  crypto::Sha256Digest before = kChainStart;
  if (offset > 0) {
    const auto last = read(offset - 1, 1, 1);
    if (!last) return forward(last);
    if (last->empty()) return std::vector<Record>();
    if (last->front().position.offset != offset - 1) return log_altered(offset - 1, "an event is missing");
    const auto chain = digest_from(last->front().chain);
    if (!chain) return log_altered(offset - 1, "the chain is no hash");
    before = *chain;
  }
  auto events = read(offset, maximum_events, maximum_bytes);
  if (!events) return forward(events);
  return check_links(offset, before, *std::move(events));
}

Result<Record> SqliteLogFile::read_one(std::uint64_t offset) {
  auto records = read_range(offset, 1, 1);
  if (!records) return forward(records);
  if (!records->empty()) return std::move(records->front());
  return fail(ErrorCode::not_found, "log-offset-missing", "the log has no event at offset " + std::to_string(offset));
}

}  // namespace quicklime::eventlog
