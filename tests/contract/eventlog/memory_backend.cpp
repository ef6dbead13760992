#include "backend.hpp"
#include "eventlog/memory_log.hpp"

namespace quicklime::eventlog::contract {
namespace {

// Every handle is the one log: memory has no other processes.
class Handle final : public EventLog {
 public:
  explicit Handle(MemoryLog& log) : log_(log) {}
  const LogId& id() const override { return log_.id(); }
  async::Task<Result<Position>> append(std::string bytes, PersistBy persist_by) override {
    return log_.append(std::move(bytes), persist_by);
  }
  Result<void> takes_events() const override { return log_.takes_events(); }
  Result<Position> end() override { return log_.end(); }
  Result<Entry> read_one(std::uint64_t offset) override { return log_.read_one(offset); }
  Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) override { return log_.follow(anchor); }

 private:
  MemoryLog& log_;
};

class MemoryBackend final : public Backend {
 public:
  std::unique_ptr<EventLog> open() override { return std::make_unique<Handle>(*log_); }
  void append_elsewhere(const std::vector<std::string>& events) override {
    for (const std::string& event : events) (void)async::run_to_end(log_->append(event));
  }
  void stall(EventLog&, bool stalled) override { log_->stall(stalled); }
  void refuse_next(EventLog&) override { log_->inject(MemoryLog::Fault::not_persisted); }
  void lose_next_outcome(EventLog&) override { log_->inject(MemoryLog::Fault::unknown_persisted); }
  void alter(std::uint64_t offset) override { log_->alter(offset); }
  void truncate(std::uint64_t end) override { log_->truncate(end); }
  void recreate(const LogId& id) override { log_->recreate(id, first_event(id)); }

 private:
  std::unique_ptr<MemoryLog> log_ = make_memory_log(kLogId, kFirst);
};

}  // namespace

Factory memory_backend() {
  return {"memory", [] { return std::make_unique<MemoryBackend>(); }};
}

}  // namespace quicklime::eventlog::contract
