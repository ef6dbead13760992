#pragma once
// How many writes a role lets in: no more than its view can follow.

#include <cstddef>
#include <memory>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "eventlog/event_writer.hpp"
#include "views/view.hpp"

namespace quicklime::api {

// A role's writes wait here before anything is done for them, in the order in which they came, with an Idempotency-Key or
// without: who is careful does not lose to who is not. Let in is the first, while two things together are below the limit:
//   - the events that stand in the log behind this role's view, up to the last that this process appended
//   - the appends without an answer, or the requests that were let in a moment ago, whichever are more
// A request that was let in longer ago and has not appended waits for something, and keeps nobody out: a stranger can hold
// no place. Any loop.
class Admission {
 public:
  struct Limits {
    std::size_t unfolded;
    Milliseconds wait;
  };
  // view and writer outlive it.
  Admission(views::View& view, const eventlog::EventWriter& writer, Limits limits, metrics::Registry& metrics);

  // A place, from the queue to the end of the request.
  class Permit;
  // "overloaded" (503) when Limits::wait is over first. Retry-After: how long one who came now would wait, as fast as the
  // queue has moved meanwhile; 1 to 30 s.
  async::Task<Result<Permit>> admit();

 private:
  struct State;
  std::shared_ptr<State> state_;
};

class Admission::Permit {
 public:
  Permit(std::shared_ptr<State> state, std::uint64_t ticket) : state_(std::move(state)), ticket_(ticket) {}
  Permit(Permit&&) noexcept = default;
  Permit& operator=(Permit&&) = delete;
  ~Permit();

 private:
  std::shared_ptr<State> state_;
  std::uint64_t ticket_;
};

}  // namespace quicklime::api
