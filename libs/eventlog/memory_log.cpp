#include "eventlog/memory_log.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "async/completion.hpp"
#include "eventlog/check.hpp"

namespace quicklime::eventlog {
namespace {

using Fault = MemoryLog::Fault;
using Done = async::Completion<Result<Position>>;

struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  LogId stored_id;
  std::vector<Stored> events;
  std::uint64_t epoch = 0;
  Fault fault = Fault::none;
  bool stalled = false;
  struct Append {
    std::string bytes;
    PersistBy persist_by;
    Done done;
  };
  std::deque<Append> waiting;

  explicit Shared(const LogId& id) : stored_id(id) {}

  // The mutex is held by the caller of everything below.
  Position write(std::string bytes) {
    crypto::Sha256Digest before = kChainStart;
    if (!events.empty()) std::copy(events.back().chain.begin(), events.back().chain.end(), before.begin());
    if (const auto begun = epoch_begun_by(bytes)) epoch = *begun;
    const auto chain = next_chain(before, crypto::sha256(bytes));
    const Position position{epoch, events.size()};
    events.push_back(Stored{position, std::move(bytes), std::string(crypto::view(chain))});
    changed.notify_all();
    return position;
  }

  void answer(std::string bytes, PersistBy persist_by, const Done& done) {
    if (auto in_time = check_in_time(persist_by); !in_time) return done.complete(forward(in_time));
    const Fault now = std::exchange(fault, Fault::none);
    switch (now) {
      case Fault::none: done.complete(write(std::move(bytes))); return;
      case Fault::not_persisted:
        done.complete(fail(Error{ErrorCode::unavailable, "log-unavailable", "the log did not take the event", "", 1}));
        return;
      case Fault::unknown_persisted: (void)write(std::move(bytes)); [[fallthrough]];
      case Fault::unknown_not_persisted:
        done.complete(fail(Error{ErrorCode::outcome_unknown, "log-outcome-unknown", "the event may or may not be in the log", "", 1}));
        return;
      case Fault::written_twice: {
        const Position first = write(bytes);
        (void)write(std::move(bytes));
        done.complete(first);
        return;
      }
    }
  }
};

class Reader final : public LogReader {
 public:
  Reader(std::shared_ptr<Shared> shared, LogId id, std::uint64_t next, const crypto::Sha256Digest& chain)
      : shared_(std::move(shared)), id_(std::move(id)), next_(next), chain_(chain) {}

  Result<std::vector<Record>> read(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds wait) override {
    std::unique_lock lock(shared_->mutex);
    const auto differs = [&] { return shared_->events.size() != next_ || shared_->stored_id != id_ || woken_; };
    shared_->changed.wait_for(lock, wait, differs);
    woken_ = false;
    if (shared_->stored_id != id_) return log_foreign(id_, shared_->stored_id);
    if (shared_->events.size() < next_) return log_truncated(next_ - 1, shared_->events.size());
    std::vector<Record> records;
    std::size_t bytes = 0;
    while (next_ < shared_->events.size() && records.size() < maximum_events && (records.empty() || bytes < maximum_bytes)) {
      auto record = check_link(next_, chain_, shared_->events[next_]);
      if (!record && !records.empty()) break;  // what stands before it is whole
      if (!record) return forward(record);
      bytes += record->bytes.size();
      chain_ = record->chain;
      ++next_;
      records.push_back(std::move(*record));
    }
    return records;
  }

  void wake() override {
    std::lock_guard lock(shared_->mutex);
    woken_ = true;
    shared_->changed.notify_all();
  }

 private:
  std::shared_ptr<Shared> shared_;
  LogId id_;
  std::uint64_t next_;
  crypto::Sha256Digest chain_;
  bool woken_ = false;
};

class Log final : public MemoryLog {
 public:
  Log(const LogId& id, std::string_view log_created) : id_(id), shared_(std::make_shared<Shared>(id)) {
    (void)shared_->write(std::string(log_created));
  }

  const LogId& id() const override { return id_; }

  async::Task<Result<Position>> append(std::string bytes, PersistBy persist_by) override {
    if (auto fits = check_size(bytes); !fits) co_return forward(fits);
    Done done;
    {
      std::lock_guard lock(shared_->mutex);
      if (shared_->stalled) {
        shared_->waiting.push_back({std::move(bytes), persist_by, done});
      } else {
        shared_->answer(std::move(bytes), persist_by, done);
      }
    }
    co_return co_await done.wait();
  }

  Result<Position> end() override {
    std::lock_guard lock(shared_->mutex);
    return Position{shared_->epoch, shared_->events.size()};
  }

  Result<Entry> read_one(std::uint64_t offset) override {
    std::lock_guard lock(shared_->mutex);
    if (offset >= shared_->events.size()) {
      return fail(ErrorCode::not_found, "log-offset-missing", "the log has no event at offset " + std::to_string(offset));
    }
    crypto::Sha256Digest before = kChainStart;
    if (offset > 0) before = *digest_from(shared_->events[offset - 1].chain);
    return with_its_chain(check_link(offset, before, shared_->events[offset]));
  }

  Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) override {
    if (!anchor) return std::make_unique<Reader>(shared_, stored_id(), 0, kChainStart);
    if (auto holds = check_anchor(*anchor, stored_id(), *this); !holds) return forward(holds);
    return std::make_unique<Reader>(shared_, anchor->log_id, anchor->position.offset + 1, anchor->chain);
  }

  void inject(Fault fault) override {
    std::lock_guard lock(shared_->mutex);
    shared_->fault = fault;
  }

  void stall(bool stalled) override {
    std::lock_guard lock(shared_->mutex);
    shared_->stalled = stalled;
    while (!stalled && !shared_->waiting.empty()) {
      auto [bytes, persist_by, done] = std::move(shared_->waiting.front());
      shared_->waiting.pop_front();
      shared_->answer(std::move(bytes), persist_by, done);
    }
  }

  void alter(std::uint64_t offset) override {
    std::lock_guard lock(shared_->mutex);
    shared_->events.at(offset).bytes.front() ^= 1;
  }

  void truncate(std::uint64_t end) override {
    std::lock_guard lock(shared_->mutex);
    shared_->events.resize(end);
    shared_->changed.notify_all();
  }

  void recreate(const LogId& id, std::string_view log_created) override {
    std::lock_guard lock(shared_->mutex);
    shared_->stored_id = id;
    shared_->events.clear();
    shared_->epoch = 0;
    (void)shared_->write(std::string(log_created));
  }

 private:
  LogId stored_id() const {
    std::lock_guard lock(shared_->mutex);
    return shared_->stored_id;
  }

  LogId id_;
  std::shared_ptr<Shared> shared_;
};

}  // namespace

std::unique_ptr<MemoryLog> make_memory_log(const LogId& id, std::string_view log_created) { return std::make_unique<Log>(id, log_created); }

}  // namespace quicklime::eventlog
