#include "eventlog/sqlite_log_reader.hpp"

#include <algorithm>

#include "eventlog/check.hpp"
#include "eventlog/sqlite_log_file.hpp"

namespace quicklime::eventlog {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kPoll{50};  // for what other processes append

class SqliteLogReader final : public LogReader {
 public:
  SqliteLogReader(std::filesystem::path path, LogId id, std::optional<Anchor> last, Milliseconds busy, std::shared_ptr<Arrivals> arrivals,
                  EventLog& log, SqliteLogFile file)
      : path_(std::move(path)),
        id_(std::move(id)),
        last_(std::move(last)),
        busy_(busy),
        arrivals_(std::move(arrivals)),
        log_(log),
        file_(std::move(file)) {}

  Result<std::vector<Record>> read(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds wait) override {
    const auto deadline = steady_clock::now() + wait;
    for (;;) {
      const std::uint64_t seen = arrivals_->count();
      if (!file_.in_place()) {
        if (auto again = reopen(); !again) return forward(again);
      }
      auto records = take(maximum_events, maximum_bytes);
      if (!records || !records->empty()) return records;
      if (auto whole = check_end(); !whole) return forward(whole);
      const auto now = steady_clock::now();
      if (arrivals_->take(woken_) || now >= deadline) return records;
      arrivals_->wait(seen, woken_, std::min(deadline, now + kPoll));
    }
  }

  void wake() override { arrivals_->wake(woken_); }

 private:
  std::uint64_t next() const { return last_ ? last_->position.offset + 1 : 0; }

  Result<std::vector<Record>> take(std::size_t maximum_events, std::size_t maximum_bytes) {
    auto stored = file_.read(next(), maximum_events, maximum_bytes);
    if (!stored) return forward(stored);
    auto records = check_links(next(), last_ ? last_->chain : kChainStart, *std::move(stored));
    if (records && !records->empty()) {
      const Record& last = records->back();
      last_ = Anchor{id_, last.position, last.hash, last.chain};
    }
    return records;
  }

  // Nothing new: then the log must at least still reach as far as it did.
  Result<void> check_end() {
    const auto end = file_.end();
    if (!end) return forward(end);
    if (end->offset < next()) return log_truncated(next() - 1, end->offset);
    return {};
  }

  // Someone put another file in its place: it may be the same log, restored, and then goes on.
  Result<void> reopen() {
    auto file = SqliteLogFile::open(path_, busy_);
    if (!file && file.error().reason == "log-missing") {
      return fail(ErrorCode::verification_failed, "log-missing", "the log was there and is gone: " + file.error().detail);
    }
    if (!file) return forward(file);
    if (file->id() != id_) return log_foreign(id_, file->id());
    if (last_) {
      if (auto holds = check_anchor(*last_, file->id(), log_); !holds) return forward(holds);
    }
    file_ = std::move(*file);
    return {};
  }

  const std::filesystem::path path_;
  const LogId id_;
  std::optional<Anchor> last_;  // of the last event handed out
  const Milliseconds busy_;
  const std::shared_ptr<Arrivals> arrivals_;
  EventLog& log_;
  SqliteLogFile file_;
  bool woken_ = false;
};

}  // namespace

Result<std::unique_ptr<LogReader>> make_sqlite_log_reader(std::filesystem::path path, LogId id, const std::optional<Anchor>& anchor,
                                                          Milliseconds busy, std::shared_ptr<Arrivals> arrivals, EventLog& log) {
  auto file = SqliteLogFile::open(path, busy);
  if (!file) return forward(file);
  if (file->id() != id) return log_foreign(id, file->id());
  return std::make_unique<SqliteLogReader>(std::move(path), std::move(id), anchor, busy, std::move(arrivals), log, std::move(*file));
}

}  // namespace quicklime::eventlog
