#include "eventlog/sqlite_log_writer.hpp"

#include <pthread.h>

#include <algorithm>

#include "base/logging.hpp"

namespace quicklime::eventlog {
namespace {

using std::chrono::steady_clock;

constexpr std::int64_t kCheckpointBytes = 64 << 20;
constexpr Milliseconds kIdle{1'000};   // so long without an append, and the WAL is moved into the file
constexpr Milliseconds kRetry{1'000};  // between two attempts to recover, or to checkpoint past a reader

Error unavailable(std::string reason, std::string detail) {
  return Error{ErrorCode::unavailable, std::move(reason), std::move(detail), "", 1};
}

}  // namespace

Result<SqliteLogWriter::Writing> SqliteLogWriter::Writing::over(sqlite::Connection connection) {
  auto last = connection.prepare(
      "SELECT offset, (SELECT epoch FROM epochs ORDER BY offset DESC LIMIT 1), chain FROM events ORDER BY offset DESC LIMIT 1");
  if (!last) return forward(last);
  auto insert = connection.prepare("INSERT INTO events(offset, bytes, chain) VALUES (?1, ?2, ?3)");
  if (!insert) return forward(insert);
  auto begin_epoch = connection.prepare("INSERT INTO epochs(offset, epoch) VALUES (?1, ?2)");
  if (!begin_epoch) return forward(begin_epoch);
  return Writing{std::move(connection), std::move(*last), std::move(*insert), std::move(*begin_epoch)};
}

SqliteLogWriter::SqliteLogWriter(std::filesystem::path file, sqlite::Connection connection, const Tail& tail,
                                 const SqliteLogOptions& options, std::shared_ptr<Arrivals> arrivals, metrics::Registry& metrics)
    : file_(std::move(file)),
      options_(options),
      arrivals_(std::move(arrivals)),
      commits_(metrics.counter("quicklime_log_commits_total", "Commits of the event log")),
      appends_(metrics.counter("quicklime_log_appends_total", "Events made durable")),
      commit_seconds_(metrics.histogram("quicklime_log_commit_seconds", "Duration of a commit of the event log")),
      expected_(options.batch_events),
      tail_(tail) {
  metrics.gauge("quicklime_log_waiting_appends", "Appends that wait for their commit",
                [waiting = waiting_] { return static_cast<double>(waiting->load()); });
  auto writing = Writing::over(std::move(connection));
  if (writing) writing_.emplace(std::move(*writing));
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "log-writer");
    run();
  });
}

SqliteLogWriter::~SqliteLogWriter() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<AppendDone> SqliteLogWriter::enqueue(std::string bytes, PersistBy persist_by) {
  AppendDone done;
  bool awaited = false;
  {
    std::lock_guard lock(mutex_);
    if (stopped_) return fail(*stopped_);
    if (stopping_) return fail(unavailable("log-closed", "the log is being closed"));
    if (queue_.size() >= options_.queue_events) {
      return fail(unavailable("log-queue-full", std::to_string(queue_.size()) + " events wait to be written"));
    }
    queue_.push_back(Append{std::move(bytes), persist_by, done});
    waiting_->store(queue_.size());
    // The first, and the last that a commit under load waits for: what comes between need wake nobody.
    awaited = queue_.size() == 1 || queue_.size() == expected_;
  }
  if (awaited) changed_.notify_one();
  return done;
}

Result<void> SqliteLogWriter::takes_events() const {
  std::lock_guard lock(mutex_);
  if (stopped_) return fail(*stopped_);
  return {};
}

void SqliteLogWriter::stall(bool stalled) {
  {
    std::lock_guard lock(mutex_);
    stalled_ = stalled;
  }
  changed_.notify_all();
}

void SqliteLogWriter::run() {
  if (!writing_) recover();
  std::vector<Append> batch;
  while (wait_for_batch(batch)) {
    if (!batch.empty()) write(batch);
    checkpoint_when_due(batch.empty());
    batch.clear();
  }
  if (!writing_) return;
  if (auto done = writing_->connection.checkpoint(sqlite::Connection::Checkpoint::truncate); !done) {
    log::warning("the log's last checkpoint failed; the next start makes it", {{"detail", done.error().detail}});
  }
  writing_.reset();
}

// False: the end, and nothing is queued. An empty batch: idle.
bool SqliteLogWriter::wait_for_batch(std::vector<Append>& batch) {
  std::unique_lock lock(mutex_);
  const auto ready = [&] { return stopping_ || (!queue_.empty() && !stalled_); };
  if (!changed_.wait_for(lock, kIdle, ready)) return true;
  if (queue_.empty()) return !stopping_;
  // A lone append commits at once. Where others arrived during the last commit, more are on their way.
  if (loaded_ && !stopping_) {
    const bool full =
        changed_.wait_until(lock, committed_at_ + options_.batch_wait, [&] { return stopping_ || queue_.size() >= expected_; });
    // These are all who append at present: the next commit waits for so many and no longer.
    if (!full) expected_ = std::max<std::size_t>(2, queue_.size());
    if (stalled_ && !stopping_) return true;
  }
  const std::size_t taken = std::min(queue_.size(), options_.batch_events);
  std::move(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken), std::back_inserter(batch));
  queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(taken));
  waiting_->store(queue_.size());
  return true;
}

// What this process wrote or read last must still be there: an event is never appended behind another log.
Result<void> SqliteLogWriter::check_tail() {
  if (!writing_->connection.in_place()) {
    return fail(unavailable("log-replaced", file_.string() + " is not the file that was opened; restart to see why"));
  }
  const auto row = writing_->last.step();
  if (!row) return forward(row);
  std::optional<Tail> last;
  if (*row) {
    const Position position{static_cast<std::uint64_t>(writing_->last.integer(1)), static_cast<std::uint64_t>(writing_->last.integer(0))};
    if (const auto chain = digest_from(writing_->last.blob(2))) last = Tail{position, *chain};
  }
  writing_->last.reset();
  if (!last || last->position < tail_.position) {
    return fail(unavailable("log-truncated", "the log was cut below offset " + std::to_string(tail_.position.offset)));
  }
  if (last->position == tail_.position && last->chain != tail_.chain) {
    return fail(unavailable("log-altered", "the log was altered at offset " + std::to_string(tail_.position.offset)));
  }
  tail_ = *last;  // further on, when another process appended
  return {};
}

Result<std::vector<Position>> SqliteLogWriter::insert(const std::vector<Append>& batch, Tail& tail) {
  std::vector<Position> positions;
  for (const Append& append : batch) {
    ++tail.position.offset;
    if (const auto begun = epoch_begun_by(append.bytes)) {
      tail.position.epoch = *begun;
      auto noted =
          writing_->begin_epoch.bind(1, static_cast<std::int64_t>(tail.position.offset)).bind(2, static_cast<std::int64_t>(*begun)).run();
      if (!noted) return forward(noted);
    }
    tail.chain = next_chain(tail.chain, crypto::sha256(append.bytes));
    auto inserted = writing_->insert.bind(1, static_cast<std::int64_t>(tail.position.offset))
                        .bind(2, append.bytes)
                        .bind(3, crypto::view(tail.chain))
                        .run();
    if (!inserted) return forward(inserted);
    positions.push_back(tail.position);
  }
  return positions;
}

// What was decided too long ago by now. The log is locked: from here on nobody else can have written what would have changed the
// decision, however long this process is stopped before its commit.
void SqliteLogWriter::drop_late(std::vector<Append>& batch) {
  const auto late = [](const Append& append) {
    const auto in_time = check_in_time(append.persist_by);
    if (!in_time) append.done.complete(forward(in_time));
    return !in_time;
  };
  batch.erase(std::remove_if(batch.begin(), batch.end(), late), batch.end());
}

void SqliteLogWriter::write(std::vector<Append>& batch) {
  const auto started = steady_clock::now();
  if (auto begun = writing_->connection.begin(); !begun) return refuse(batch, begun.error());
  Result<void> outcome = check_tail();
  Tail tail = tail_;
  std::vector<Position> positions;
  if (outcome) drop_late(batch);
  if (outcome && batch.empty()) {
    writing_->connection.rollback();
    loaded_ = false;
    return;
  }
  if (outcome) {
    auto inserted = insert(batch, tail);
    if (inserted) {
      positions = std::move(*inserted);
    } else {
      outcome = forward(inserted);
    }
  }
  if (!outcome) {
    writing_->connection.rollback();
    return refuse(batch, outcome.error());
  }

  // A crash before: none of the batch is in the log. After: all of it is, and nobody was told.
  outcome = QUICKLIME_DURABLE("log.commit", writing_->connection.commit());
  if (!outcome && outcome.error().code != ErrorCode::outcome_unknown) return refuse(batch, outcome.error());
  if (!outcome) {
    const Error unknown{ErrorCode::outcome_unknown, "log-outcome-unknown",
                        "the event may or may not be in the log: " + outcome.error().detail, "", 1};
    for (Append& append : batch) append.done.complete(fail(unknown));
    return recover();
  }

  tail_ = tail;
  arrivals_->announce();
  for (std::size_t i = 0; i < batch.size(); ++i) batch[i].done.complete(positions[i]);
  committed_at_ = steady_clock::now();
  commits_.add();
  appends_.add(batch.size());
  commit_seconds_.observe(std::chrono::duration<double>(committed_at_ - started).count());
  std::lock_guard lock(mutex_);
  loaded_ = !queue_.empty();
  if (loaded_ && batch.size() + queue_.size() > expected_) expected_ = options_.batch_events;
}

void SqliteLogWriter::refuse(std::vector<Append>& batch, const Error& error) {
  const Error refused = unavailable(error.reason.starts_with("log-") ? error.reason : "log-unavailable", error.detail);
  log::error("the log takes no events", {{"reason", refused.reason}, {"detail", refused.detail}});
  for (Append& append : batch) append.done.complete(fail(refused));
  loaded_ = false;
}

// After a commit of unknown outcome nothing is believed until the file has been opened anew and all
// of its WAL has been moved into it. Until then appends are refused, and so is what was queued:
// nothing is answered out of hope.
void SqliteLogWriter::recover() {
  writing_.reset();
  for (;;) {
    auto reopened = reopen();
    std::unique_lock lock(mutex_);
    if (reopened) {
      stopped_.reset();
      log::warning("the log was reopened", {{"position", tail_.position.text()}});
      return;
    }
    stopped_ = unavailable("log-stopped", "the log is stopped: " + reopened.error().detail);
    log::error("the log is stopped", {{"detail", reopened.error().detail}});
    std::vector<Append> refused(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
    queue_.clear();
    waiting_->store(0);
    for (Append& append : refused) append.done.complete(fail(*stopped_));
    if (changed_.wait_for(lock, kRetry, [&] { return stopping_; })) return;
  }
}

Result<void> SqliteLogWriter::reopen() {
  auto connection = sqlite::Connection::open(file_, sqlite::OpenMode::read_write, sqlite::Synchronous::full, options_.busy_timeout);
  if (!connection) return forward(connection);
  if (auto done = connection->checkpoint(sqlite::Connection::Checkpoint::truncate); !done) return forward(done);
  auto file = SqliteLogFile::open(file_, options_.busy_timeout);
  if (!file) return forward(file);
  const auto known = file->read_one(tail_.position.offset);
  if (!known) return forward(known);
  if (known->chain != tail_.chain) return log_altered(tail_.position.offset, "stands another event than the one that was written");
  const auto end = file->end();
  if (!end) return forward(end);
  const auto last = file->read_one(end->offset - 1);
  if (!last) return forward(last);
  auto writing = Writing::over(std::move(*connection));
  if (!writing) return forward(writing);
  writing_.emplace(std::move(*writing));
  tail_ = Tail{last->position, last->chain};
  arrivals_->announce();
  loaded_ = false;
  return {};
}

void SqliteLogWriter::checkpoint_when_due(bool idle) {
  if (!writing_) return;
  const std::int64_t bytes = writing_->connection.wal_bytes();
  const auto now = steady_clock::now();
  if (bytes == 0 || (!idle && bytes < kCheckpointBytes) || now - checkpointed_at_ < kRetry) return;
  checkpointed_at_ = now;
  if (auto done = writing_->connection.checkpoint(sqlite::Connection::Checkpoint::passive); !done) {
    log::warning("a checkpoint of the log failed and will be tried again", {{"detail", done.error().detail}});
  }
}

}  // namespace quicklime::eventlog
