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
  Result<std::uint64_t> count(const Scan& scan);

  // One read transaction around work: meta and data are of the same moment.
  template <class Work>
  auto read(Work work) -> decltype(work()) {
    if (auto begun = run("BEGIN"); !begun) return forward(begun);
    auto result = work();
    if (auto ended = run("COMMIT"); !ended) return forward(ended);
    return result;
  }

 private:
  Result<void> run(const std::string& sql);
  sqlite::Connection connection_;
  std::unordered_map<std::string, sqlite::Statement> statements_;
};

// The file with exactly these spaces, ready for writing.
Result<ViewConnection> open_view_file(const std::filesystem::path& file, const std::vector<Space>& spaces, Milliseconds busy);

}  // namespace quicklime::views
