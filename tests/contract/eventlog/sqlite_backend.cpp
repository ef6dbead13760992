#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "backend.hpp"
#include "disk_faults.hpp"
#include "eventlog/sqlite_log.hpp"
#include "must.hpp"
#include "sqlite/sqlite.hpp"

namespace quicklime::eventlog::contract {
namespace {

class SqliteBackend final : public Backend {
 public:
  SqliteBackend() {
    std::string pattern = (std::filesystem::temp_directory_path() / "eventlog-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    directory_ = pattern;
    must(create_sqlite_log(file(), kLogId, kFirst));
  }
  ~SqliteBackend() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<EventLog> open() override { return must(open_sqlite_log(file(), SqliteLogOptions{}, registry())); }

  void append_elsewhere(const std::vector<std::string>& events) override;

  void stall(EventLog& log, bool stalled) override { stall_sqlite_log_for_test(log, stalled); }
  void refuse_next(EventLog&) override { disk_faults::fail_next_write(); }
  void lose_next_outcome(EventLog&) override { disk_faults::fail_next_sync(); }

  void alter(std::uint64_t offset) override {
    sql("UPDATE events SET bytes = CAST('altered' AS BLOB) WHERE offset = " + std::to_string(offset));
  }
  void truncate(std::uint64_t end) override { sql("DELETE FROM events WHERE offset >= " + std::to_string(end)); }
  void recreate(const LogId& id) override {
    const auto beside = directory_ / "other.db";
    must(create_sqlite_log(beside, id, first_event(id)));
    std::filesystem::rename(beside, file());
    std::filesystem::remove(file().string() + "-wal");
    std::filesystem::remove(file().string() + "-shm");
  }

 private:
  std::filesystem::path file() const { return directory_ / "log.db"; }
  void sql(const std::string& text) {
    auto connection = must(sqlite::Connection::open(file(), sqlite::OpenMode::read_write, sqlite::Synchronous::full, Milliseconds(5'000)));
    must(connection.begin());
    must(connection.execute(text));
    must(connection.commit());
  }
  std::filesystem::path directory_;
};

// This program, started again, is the other process.
void SqliteBackend::append_elsewhere(const std::vector<std::string>& events) {
  std::vector<std::string> words{kAppendElsewhere, file().string()};
  words.insert(words.end(), events.begin(), events.end());
  run_elsewhere(std::move(words));
}

}  // namespace

int append_elsewhere_main(const std::vector<std::string>& words) {
  auto log = must(open_sqlite_log(words.at(0), SqliteLogOptions{}, registry()));
  for (std::size_t i = 1; i < words.size(); ++i) {
    must(async::run_to_end(log->append(words[i])));
    if (::write(STDOUT_FILENO, "+", 1) != 1) return 1;  // told, and kept by the kernel whatever happens next
  }
  return 0;
}

Factory sqlite_backend() {
  return {"sqlite", [] { return std::make_unique<SqliteBackend>(); }};
}

}  // namespace quicklime::eventlog::contract
