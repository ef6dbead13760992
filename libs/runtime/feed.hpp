#pragma once
// The events that a role's view has folded, in log order, for who follows them: nobody is told of an event that the view does not know
// yet. Read from the log itself, in both shapes alike, so that one may resume at any position of it.

#include <memory>
#include <string>
#include <vector>

#include "async/completion.hpp"
#include "async/offload.hpp"
#include "base/metrics.hpp"
#include "eventlog/event_log.hpp"
#include "events/event.hpp"
#include "views/view.hpp"

namespace quicklime::runtime {

// One event of the log, described once for all who follow it.
struct DescribedEvent {
  Position position;
  std::string type;  // "certificate.issued"
  std::string text;  // what the role makes of it
};

// One per process and role. What everybody follows, the newest kKept events, is read and described once for all, and kept in kKeptBytes at
// most; whoever is further behind reads the log, kRange events at a time. One at a time reads it. Nothing waits in a queue for anybody.
// Any loop.
class Feed {
 public:
  static constexpr std::size_t kKept = 1'024;
  static constexpr std::size_t kKeptBytes = 1024 * 1024;
  static constexpr std::size_t kRange = 256;

  // Pure; any thread.
  using Describe = std::string (*)(const events::Event& event, Position position);
  // log, view and offload outlive it.
  Feed(eventlog::EventLog& log, views::View& view, async::OffloadPool& offload, Describe describe, metrics::Registry& metrics);

  // Of the last event that the view has folded; by polling, as of now. nullopt: it has folded none.
  async::Task<Result<std::optional<Position>>> folded();
  // The position, if it is one of this log: "position-of-another-epoch" where a restore has lost the event that stood there.
  async::Task<Result<void>> require_of_this_log(Position position);

  // Events in order from an offset on, of those that the view has folded: one at least if there is one, so many at most.
  using Events = std::vector<std::shared_ptr<const DescribedEvent>>;
  async::Task<Result<Events>> read(std::uint64_t from, std::size_t maximum = kRange);

  // Until the view has folded the event at this offset, `within` is over, or somebody completes `wake`. May return early.
  async::Task<void> wait(std::uint64_t offset, async::Completion<bool> wake, Milliseconds within);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace quicklime::runtime
