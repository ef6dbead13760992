#pragma once
// The tables of a view file, and one connection to it with its prepared statements. Of this library only.
//
//   meta(one, log_id, epoch, offset, hash, chain, version, writers)   one row; none: nothing applied yet
//   points_<name>(key BLOB PRIMARY KEY, value BLOB) WITHOUT ROWID     one per points space
//   index_<name>(key BLOB PRIMARY KEY) WITHOUT ROWID                  one per index space

#include <filesystem>
#include <string>
#include <unordered_map>
#include <vector>

#include "sqlite/sqlite.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

std::string table_of(const std::string& space, SpaceKind kind);

// What SQLite says, in the words of a view: damage is "view-damaged", anything else is passing.
Failure view_failure(const Error& error);

class ViewConnection {
 public:
  explicit ViewConnection(sqlite::Connection connection) : connection_(std::move(connection)) {}

  // Prepared once per text.
  Result<sqlite::Statement*> statement(const std::string& sql);
  sqlite::Connection& connection() { return connection_; }

  // The meta row; without writers, which only the runner wants.
  enum class With { state, writers };
  Result<std::optional<State>> state(With with);
  Result<std::vector<std::optional<std::string>>> values(const std::vector<PointKey>& keys);
  Result<std::vector<std::string>> keys(const Scan& scan);

  // work(the meta row, without writers): what it reads is of the same moment, for a row that is being read keeps its snapshot.
  // No row: nothing was applied yet, and nothing keeps what others apply meanwhile out.
  template <class Work>
  auto read(Work work) -> decltype(work(std::optional<State>())) {
    auto row = state_row(With::state);
    if (!row) return forward(row);
    const Resetting resetting{**row};
    auto state = next_state(**row, With::state);
    if (!state) return forward(state);
    return work(*std::move(state));
  }

 private:
  // Resets at the end of the scope.
  struct Resetting {
    sqlite::Statement& statement;
    ~Resetting() { statement.reset(); }
  };
  Result<sqlite::Statement*> state_row(With with);
  static Result<std::optional<State>> next_state(sqlite::Statement& row, With with);
  sqlite::Connection connection_;
  std::unordered_map<std::string, sqlite::Statement> statements_;
};

// The file with exactly these spaces, ready for writing.
Result<ViewConnection> open_view_file(const std::filesystem::path& file, const std::vector<Space>& spaces, Milliseconds busy);

}  // namespace quicklime::views
