#include "views/sqlite_tables.hpp"

#include <algorithm>
#include <limits>

#include "base/logging.hpp"
#include "views/spaces.hpp"

namespace quicklime::views {
namespace {

constexpr std::int64_t kViewApplicationId = 0x51564557;  // "QVEW"
constexpr const char* kMeta =
    "CREATE TABLE meta(one INTEGER PRIMARY KEY CHECK (one = 1), log_id TEXT NOT NULL, epoch INTEGER NOT NULL, offset INTEGER NOT NULL,"
    " hash BLOB NOT NULL, chain BLOB NOT NULL, version INTEGER NOT NULL, writers BLOB NOT NULL) STRICT;";

Result<std::vector<std::string>> texts(sqlite::Connection& connection, const std::string& sql) {
  auto query = connection.prepare(sql);
  if (!query) return forward(query);
  std::vector<std::string> found;
  for (;;) {
    const auto row = query->step();
    if (!row) return forward(row);
    if (!*row) return found;
    found.emplace_back(query->blob(0));
  }
}

std::int64_t sql_limit(std::size_t limit) {
  return static_cast<std::int64_t>(std::min<std::size_t>(limit, std::numeric_limits<std::int64_t>::max()));
}

bool copy_digest(std::string_view from, crypto::Sha256Digest& to) {
  if (from.size() != to.size()) return false;
  std::copy(from.begin(), from.end(), to.begin());
  return true;
}

Result<void> make_tables(sqlite::Connection& connection, const std::vector<std::string>& old_tables, const std::vector<Space>& spaces) {
  std::string sql;
  for (const std::string& table : old_tables) sql += "DROP TABLE " + table + ";";
  sql += kMeta;
  for (const Space& space : spaces) {
    sql += "CREATE TABLE " + table_of(space.name, space.kind) +
           (space.kind == SpaceKind::points ? "(key BLOB PRIMARY KEY, value BLOB NOT NULL)" : "(key BLOB PRIMARY KEY)") +
           " STRICT, WITHOUT ROWID;";
  }
  sql += "PRAGMA application_id=" + std::to_string(kViewApplicationId) + ";";
  if (auto begun = connection.begin(); !begun) return forward(begun);
  if (auto made = connection.execute(sql); !made) return forward(made);
  return QUICKLIME_DURABLE("view.create", connection.commit());
}

}  // namespace

std::string table_of(const std::string& space, SpaceKind kind) { return (kind == SpaceKind::points ? "points_" : "index_") + space; }

Failure view_failure(const Error& error) {
  switch (error.code) {
    case ErrorCode::verification_failed:
      return fail(error.code, "view-damaged", error.detail + "; remove the file and restart: the view is folded again from the log");
    case ErrorCode::outcome_unknown: return fail(error);
    default: return fail(Error{ErrorCode::unavailable, "view-unavailable", error.detail, "", 1});
  }
}

Result<sqlite::Statement*> ViewConnection::statement(const std::string& sql) {
  if (const auto found = statements_.find(sql); found != statements_.end()) return &found->second;
  auto prepared = connection_.prepare(sql);
  if (!prepared) return view_failure(prepared.error());
  return &statements_.emplace(sql, std::move(*prepared)).first->second;
}

Result<sqlite::Statement*> ViewConnection::state_row(With with) {
  return statement(with == With::writers ? "SELECT log_id, epoch, offset, hash, chain, version, writers FROM meta"
                                         : "SELECT log_id, epoch, offset, hash, chain, version FROM meta");
}

Result<std::optional<State>> ViewConnection::state(With with) {
  auto row = state_row(with);
  if (!row) return forward(row);
  const Resetting resetting{**row};
  return next_state(**row, with);
}

Result<std::optional<State>> ViewConnection::next_state(sqlite::Statement& row, With with) {
  const auto found = row.step();
  if (!found) return view_failure(found.error());
  if (!*found) return std::nullopt;
  State state{eventlog::Anchor{LogId(std::string(row.blob(0))),
                               Position{static_cast<std::uint64_t>(row.integer(1)), static_cast<std::uint64_t>(row.integer(2))},
                               {},
                               {}},
              static_cast<unsigned>(row.integer(5)), with == With::writers ? std::string(row.blob(6)) : std::string()};
  if (!copy_digest(row.blob(3), state.anchor.hash) || !copy_digest(row.blob(4), state.anchor.chain)) {
    return view_failure(Error{ErrorCode::verification_failed, "", "the view's meta row holds no hash"});
  }
  return state;
}

Result<std::vector<std::optional<std::string>>> ViewConnection::values(const std::vector<PointKey>& keys) {
  std::vector<std::optional<std::string>> values;
  values.reserve(keys.size());
  for (const PointKey& key : keys) {
    auto query = statement("SELECT value FROM " + table_of(key.space, SpaceKind::points) + " WHERE key = ?1");
    if (!query) return forward(query);
    sqlite::Statement& row = **query;
    const Resetting resetting{row};
    const auto found = row.bind(1, key.key).step();
    if (!found) return view_failure(found.error());
    values.push_back(*found ? std::optional(std::string(row.blob(0))) : std::nullopt);
  }
  return values;
}

Result<std::vector<std::string>> ViewConnection::keys(const Scan& scan) {
  const Range range = range_of(scan);
  auto query =
      statement("SELECT key FROM " + table_of(scan.space, SpaceKind::index) + " WHERE key >= ?1" + (range.upper ? " AND key < ?3" : "") +
                " ORDER BY key" + (scan.direction == Direction::descending ? " DESC" : "") + " LIMIT ?2");
  if (!query) return forward(query);
  sqlite::Statement& row = **query;
  const Resetting resetting{row};
  row.bind(1, range.lower).bind(2, sql_limit(scan.limit));
  if (range.upper) row.bind(3, *range.upper);
  std::vector<std::string> keys;
  for (;;) {
    const auto found = row.step();
    if (!found) return view_failure(found.error());
    if (!*found) return keys;
    keys.emplace_back(row.blob(0));
  }
}

Result<ViewConnection> open_view_file(const std::filesystem::path& file, const std::vector<Space>& spaces, Milliseconds busy) {
  std::error_code ignored;
  std::filesystem::create_directories(file.parent_path(), ignored);
  const auto mode = std::filesystem::exists(file, ignored) ? sqlite::OpenMode::read_write : sqlite::OpenMode::create;
  auto connection = sqlite::Connection::open(file, mode, sqlite::Synchronous::normal, busy);
  if (!connection) return view_failure(connection.error());
  const auto application = connection->query_integer("PRAGMA application_id");
  if (!application) return view_failure(application.error());
  auto tables = texts(*connection, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  if (!tables) return view_failure(tables.error());
  // A crash can leave the file without tables and without its mark.
  if (*application != kViewApplicationId && !(*application == 0 && tables->empty())) {
    return view_failure(Error{ErrorCode::verification_failed, "", file.string() + " is another database, not a view"});
  }
  std::vector<std::string> wanted{"meta"};
  for (const Space& space : spaces) wanted.push_back(table_of(space.name, space.kind));
  std::sort(wanted.begin(), wanted.end());
  if (*tables != wanted) {
    if (!tables->empty()) log::info("a view of another version is folded anew", {{"file", file.string()}});
    if (auto made = make_tables(*connection, *tables, spaces); !made) return view_failure(made.error());
  }
  return ViewConnection(std::move(*connection));
}

}  // namespace quicklime::views
