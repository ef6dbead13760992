#pragma once
// The append-only log: one totally ordered sequence of events, durable when append says so.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/id.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "crypto/hash.hpp"

namespace quicklime::eventlog {

// Where a reader of this log stood, and proof that it was this log: kept in every view.
struct Anchor {
  LogId log_id;
  Position position;           // of the last event applied
  crypto::Sha256Digest hash;   // SHA-256 of that event's bytes
  crypto::Sha256Digest chain;  // H(chain before ‖ H(bytes)), from 32 zero octets before offset 0
};

// One event as it stands in the log.
struct Record {
  Position position;
  std::string bytes;
  crypto::Sha256Digest hash;
  crypto::Sha256Digest chain;
};

// One event on its own.
struct Entry {
  Position position;
  std::string bytes;
  crypto::Sha256Digest hash;
  std::optional<crypto::Sha256Digest> chain;  // where the log stores it beside the event (SQLite); only a reader knows it on Kafka
};

// Until when an event may be written: what it was decided by is too old afterwards. On the steady clock, which no correction of
// the time moves, and which goes on while a process is stopped (SIGSTOP, a frozen container): a process that comes back cannot
// tell by itself that it was away.
using PersistBy = std::chrono::steady_clock::time_point;
inline constexpr PersistBy kWhenever = PersistBy::max();

crypto::Sha256Digest next_chain(const crypto::Sha256Digest& chain, const crypto::Sha256Digest& hash);

// Follows the log. Belongs to one thread (a projection thread): its calls block.
class LogReader {
 public:
  virtual ~LogReader() = default;

  // The next events in order, as soon as there is one; an empty list when `wait` is over first.
  // Fails with verification_failed and the offset in the text when the log is not what it was:
  // "log-altered" (chain), "log-truncated", "log-foreign" (recreated), "log-undecodable". Such a reader
  // is finished. `unavailable` is passing: call again.
  virtual Result<std::vector<Record>> read(std::size_t maximum_events, std::size_t maximum_bytes, Milliseconds wait) = 0;
  // From any thread: a read that waits returns now; when none waits, the next one does.
  virtual void wake() = 0;
};

class EventLog {
 public:
  virtual ~EventLog() = default;

  virtual const LogId& id() const = 0;

  // A value: persisted, at this position, whatever crashes next. Three outcomes, not two:
  //   value                                 persisted
  //   error, code outcome_unknown           may be in the log, now or later; never "did not happen"
  //   error, any other code                 not in the log and never will be
  // Any loop; events of one caller appended in turn keep their order. At most kMaximumEventBytes.
  // When `unavailable`, nothing was queued (queue full, log stopped), or persist_by was over when its turn came, looked at right
  // before it is written: "view-stale".
  virtual async::Task<Result<Position>> append(std::string bytes, PersistBy persist_by) = 0;
  async::Task<Result<Position>> append(std::string bytes) { return append(std::move(bytes), kWhenever); }
  // Whether it still takes events, for /readyz; the error is why it has stopped (the log was replaced, or is being opened anew
  // after a commit of unknown outcome). What one append is refused for, a broker that is away or a full disk, is told to that
  // append. Any thread, never blocks. A log that is only read: yes.
  virtual Result<void> takes_events() const { return {}; }

  // One past the last event: what the log answers now, not what was last seen. Blocks.
  virtual Result<Position> end() = 0;
  // One event by its offset. Blocks (SQLite: microseconds, Kafka: milliseconds).
  virtual Result<Entry> read_one(std::uint64_t offset) = 0;
  // The events from an offset on, in order: at least one if there is one, at most so many, and none behind kRangeBytes of them. Empty at
  // the log's end and behind it. Blocks (Kafka: milliseconds for all of them).
  static constexpr std::size_t kRangeBytes = 1024 * 1024;
  virtual Result<std::vector<Entry>> read_range(std::uint64_t from, std::size_t maximum_events);

  // From the start, or from behind an anchor. The anchor is checked first: log id, that the log still reaches it, hash
  // of its event, and its chain where the log stores it ("log-foreign", "log-truncated", "log-altered").
  virtual Result<std::unique_ptr<LogReader>> follow(const std::optional<Anchor>& anchor) = 0;
};

// Reads the whole log as it is now and recomputes its chain. The anchor of its last event, or
// verification_failed with the offset that does not hold. progress: after each batch, with how far it is.
Result<Anchor> verify_chain(EventLog& log, const std::function<void(Position)>& progress = {});

}  // namespace quicklime::eventlog
