#include "eventlog/sqlite_log.hpp"

#include <algorithm>

#include "eventlog/arrivals.hpp"
#include "eventlog/check.hpp"
#include "eventlog/sqlite_log_file.hpp"
#include "eventlog/sqlite_log_reader.hpp"
#include "eventlog/sqlite_log_writer.hpp"
#include "sqlite/per_thread.hpp"

namespace quicklime::eventlog {
namespace {

class SqliteLog final : public EventLog {
 public:
  SqliteLog(std::filesystem::path file, LogId id, sqlite::Connection connection, const Tail& tail, const SqliteLogOptions& options,
            metrics::Registry& metrics)
      : file_(std::move(file)),
        id_(std::move(id)),
        busy_(options.busy_timeout),
        arrivals_(std::make_shared<Arrivals>()),
        writer_(file_, std::move(connection), tail, options, arrivals_, metrics) {}

  const LogId& id() const override { return id_; }

  async::Task<Result<Position>> append(std::string bytes, PersistBy persist_by) override {
    if (auto fits = check_size(bytes); !fits) co_return forward(fits);
    const auto queued = writer_.enqueue(std::move(bytes), persist_by);
    if (!queued) co_return forward(queued);
    co_return co_await queued->wait();
  }

  Result<void> takes_events() const override { return writer_.takes_events(); }

  Result<Position> end() override {
    auto file = reading();
    if (!file) return forward(file);
    return (*file)->end();
  }

  Result<Entry> read_one(std::uint64_t offset) override {
    auto file = reading();
    if (!file) return forward(file);
    return with_its_chain((*file)->read_one(offset));
  }

  Result<std::vector<Entry>> read_range(std::uint64_t from, std::size_t maximum_events) override {
    auto file = reading();
    if (!file) return forward(file);
    auto records = (*file)->read_range(from, maximum_events, kRangeBytes);
    if (!records) return forward(records);
    std::vector<Entry> entries;
    entries.reserve(records->size());
    for (Record& record : *records) entries.push_back({record.position, std::move(record.bytes), record.hash, record.chain});
    return entries;
  }

  Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) override {
    if (anchor) {
      auto file = reading();
      if (!file) return forward(file);
      if (auto holds = check_anchor(*anchor, (*file)->id(), *this); !holds) return forward(holds);
    }
    return make_sqlite_log_reader(file_, id_, anchor, busy_, arrivals_, *this);
  }

  void stall(bool stalled) { writer_.stall(stalled); }

 private:
  // This thread's connection, to the file that the path names now.
  Result<SqliteLogFile*> reading() {
    const auto make = [&] { return SqliteLogFile::open(file_, busy_); };
    auto file = readers_.get(make);
    if (file && !(*file)->in_place()) {
      readers_.drop();
      file = readers_.get(make);
    }
    if (file && (*file)->id() != id_) return log_foreign(id_, (*file)->id());
    return file;
  }

  const std::filesystem::path file_;
  const LogId id_;
  const Milliseconds busy_;
  const std::shared_ptr<Arrivals> arrivals_;
  SqliteLogWriter writer_;
  sqlite::PerThread<SqliteLogFile> readers_;  // end before the writer, whose connection closes the file for good
};

}  // namespace

Result<void> create_sqlite_log(const std::filesystem::path& file, const LogId& id, std::string_view log_created) {
  auto connection = sqlite::Connection::open(file, sqlite::OpenMode::create, sqlite::Synchronous::full, Milliseconds(5'000));
  if (!connection) return forward(connection);
  if (auto begun = connection->begin(); !begun) return forward(begun);
  if (auto made = create_log_tables(*connection, id); !made) return forward(made);
  auto insert = connection->prepare("INSERT INTO events(offset, bytes, chain) VALUES (0, ?1, ?2)");
  if (!insert) return forward(insert);
  const auto chain = next_chain(kChainStart, crypto::sha256(log_created));
  if (auto inserted = insert->bind(1, log_created).bind(2, crypto::view(chain)).run(); !inserted) return forward(inserted);
  if (auto committed = QUICKLIME_DURABLE("log.create", connection->commit()); !committed) return forward(committed);
  return connection->checkpoint(sqlite::Connection::Checkpoint::truncate);
}

Result<std::unique_ptr<EventLog>> open_sqlite_log(const std::filesystem::path& file, const SqliteLogOptions& options,
                                                  metrics::Registry& metrics) {
  // Read-only first: a file that is no log is not touched.
  auto read = SqliteLogFile::open(file, options.busy_timeout);
  if (!read) return forward(read);
  auto connection = sqlite::Connection::open(file, sqlite::OpenMode::read_write, sqlite::Synchronous::full, options.busy_timeout);
  if (!connection) return forward(connection);
  // A commit may stand in the WAL that a crash left unsynced: it is on disk before anyone reads it.
  if (auto done = connection->checkpoint(sqlite::Connection::Checkpoint::truncate); !done) return log_failure(done.error(), 0);
  const auto end = read->end();
  if (!end) return forward(end);
  if (end->offset == 0)
    return fail(ErrorCode::not_found, "log-missing", "the log at " + file.string() + " has no event; make one with quicklime init");
  const auto last = read->read_one(end->offset - 1);
  if (!last) return forward(last);
  return std::make_unique<SqliteLog>(file, read->id(), std::move(*connection), Tail{last->position, last->chain}, options, metrics);
}

void stall_sqlite_log_for_test(EventLog& log, bool stalled) { dynamic_cast<SqliteLog&>(log).stall(stalled); }

}  // namespace quicklime::eventlog
