#pragma once
// The one thread that writes a log file: group commit, checkpoints, and what to do when a commit's
// outcome is unknown. Of this library only.

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "async/completion.hpp"
#include "eventlog/arrivals.hpp"
#include "eventlog/sqlite_log.hpp"
#include "eventlog/sqlite_log_file.hpp"

namespace quicklime::eventlog {

using AppendDone = async::Completion<Result<Position>>;

class SqliteLogWriter {
 public:
  // The connection has been checkpointed and ends with `tail`.
  SqliteLogWriter(std::filesystem::path file, sqlite::Connection connection, const Tail& tail, const SqliteLogOptions& options,
                  std::shared_ptr<Arrivals> arrivals, metrics::Registry& metrics);
  // Writes what is queued, stalled or not, checkpoints, closes.
  ~SqliteLogWriter();

  // Any thread. `unavailable`: not queued.
  Result<AppendDone> enqueue(std::string bytes, PersistBy persist_by);
  Result<void> takes_events() const;
  void stall(bool stalled);

 private:
  struct Append {
    std::string bytes;
    PersistBy persist_by;
    AppendDone done;
  };
  // The writing connection with its statements, which end before it.
  struct Writing {
    sqlite::Connection connection;
    sqlite::Statement last;
    sqlite::Statement insert;
    sqlite::Statement begin_epoch;
    static Result<Writing> over(sqlite::Connection connection);
  };

  void run();
  bool wait_for_batch(std::vector<Append>& batch);
  void write(std::vector<Append>& batch);
  static void drop_late(std::vector<Append>& batch);
  Result<std::vector<Position>> insert(const std::vector<Append>& batch, Tail& tail);
  Result<void> check_tail();
  void refuse(std::vector<Append>& batch, const Error& error);
  void recover();
  Result<void> reopen();
  void checkpoint_when_due(bool idle);

  const std::filesystem::path file_;
  const SqliteLogOptions options_;
  const std::shared_ptr<Arrivals> arrivals_;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_ = std::make_shared<std::atomic<std::size_t>>(0);
  metrics::Counter& commits_;
  metrics::Counter& appends_;
  metrics::Histogram& commit_seconds_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Append> queue_;
  bool stopping_ = false;
  bool stalled_ = false;
  std::optional<Error> stopped_;  // why nothing is taken at present
  std::size_t expected_;          // how many appends a full batch has under the present load

  // Of the writer thread.
  std::optional<Writing> writing_;
  Tail tail_;            // what this process knows to be in the log
  bool loaded_ = false;  // something arrived during the last commit
  std::chrono::steady_clock::time_point committed_at_{};
  std::chrono::steady_clock::time_point checkpointed_at_{};
  std::thread thread_;
};

}  // namespace quicklime::eventlog
