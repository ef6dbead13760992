#pragma once
// Whether this process's clock, the view store's, and those of whoever writes to the log agree. A CA that acts on a wrong clock
// makes certificates and CRLs that nobody believes; what cannot be taken back (certificates.expired) waits until all have agreed for a day.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>

#include "async/offload.hpp"
#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "eventlog/event_log.hpp"
#include "events/event.hpp"
#include "views/view.hpp"

namespace quicklime::runtime {

// One per process. Any thread.
class ClockWatch {
 public:
  using Monotonic = std::function<std::chrono::steady_clock::time_point()>;
  // tolerance: what is no disagreement. monotonic: for tests; it does not stop while the process is stopped.
  ClockWatch(eventlog::EventLog& log, views::View& view, const Clock& clock, async::OffloadPool& questions, metrics::Registry& metrics,
             Milliseconds tolerance, Monotonic monotonic = &std::chrono::steady_clock::now);

  // For ever: a look every ten seconds. When they begin to disagree one line of the process's log says how, and one when all agree again;
  // what comes apart in between is said by disagreement() alone.
  async::Task<void> watch();
  // Compares once: this clock with the store's; with the newest event, which cannot be from the future, and if it came since the
  // last look is no older than that; and with what passed since the last look, which a clock that was set does not show.
  // A log or a store that does not answer, or that this process does not read, says nothing.
  async::Task<void> look();

  // "the store's clock is 92 s behind this one"; empty: all agree, as far as the last look could tell.
  std::string disagreement() const;
  // For how long, by the monotonic clock, no look has found them apart; zero before the first look that compared with all, and when
  // none has for half a minute.
  Milliseconds agreed_for() const;
  // The time that all have agreed on for at least so long: of the last look that compared with all, and what has passed since by the
  // monotonic clock. So whoever looks and then asks is not misled by a clock that is set in between.
  std::optional<Instant> agreed_time(Milliseconds at_least) const;

 private:
  struct Look {
    Instant own;
    std::chrono::steady_clock::time_point monotonic;
    std::uint64_t newest;  // offset of the event
  };
  async::Task<Result<std::pair<Position, events::Event>>> newest_event();
  void conclude(const Look& look, Milliseconds furthest, std::string found, bool complete);
  Milliseconds agreed_by(std::chrono::steady_clock::time_point now) const;

  eventlog::EventLog& log_;
  views::View& view_;
  const Clock& clock_;
  async::OffloadPool& questions_;
  const Milliseconds tolerance_;
  const Monotonic monotonic_;

  mutable std::mutex mutex_;
  std::optional<Look> last_, complete_;  // complete: it compared with all
  std::optional<std::chrono::steady_clock::time_point> agreed_since_;
  std::string disagreement_;
  Milliseconds furthest_{0};
};

}  // namespace quicklime::runtime
