#pragma once
// One view on its way along the log. Of this library only; one thread, except status().

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include "views/batch_fold.hpp"
#include "views/runner.hpp"
#include "views/writer_windows.hpp"

namespace quicklime::views {

// A record that was decoded, once for all views.
struct Decoded {
  eventlog::Record record;
  Result<events::Event> event;
};

class Follower {
 public:
  // observer: outlives this.
  Follower(Runner::View view, const std::function<void(const Applied&)>& observer, metrics::Registry& metrics);

  // ---- where it stands
  bool stopped() const { return stopped_; }
  bool started() const { return started_; }
  bool active() const { return started_ && !stopped_; }
  bool caught_up() const { return caught_up_; }  // has been at the log's end since it started
  unsigned turn() const { return turn_; }
  std::uint64_t next() const { return state_ ? state_->anchor.position.offset + 1 : 0; }
  std::optional<eventlog::Anchor> anchor() const { return state_ ? std::optional(state_->anchor) : std::nullopt; }
  Runner::Status status() const;

  // From the state in the store, checked against the log. `unavailable`: try again. Stops itself for good when the
  // log is not the one this view was folded from.
  Result<void> start(eventlog::EventLog& log);
  // Everything of the batch that is still to come for this view, up to what cannot be folded; then it stops.
  // `unavailable`: again with the same batch. `conflict`: the store has moved, start again.
  Result<void> fold(std::span<const Decoded> batch);
  void stop(const std::string& reason);

  // ---- freshness: the question is asked by the caller, for all views at once
  bool may_ask() const { return active() && !question_; }
  Result<void> note_time();                             // before the question; also sees a store that was flushed or rolled back (conflict)
  void answered(std::optional<std::uint64_t> log_end);  // after it; none: the log did not answer
  void settle();                                        // when applied up to it, the view is as fresh as the noted time

 private:
  // What a batch makes of the view, in memory.
  struct Batch {
    BatchFold fold;
    WriterWindows windows;
    std::optional<eventlog::Anchor> last;  // of what is folded; none: not even the first event could be
    std::size_t folded = 0;
    std::size_t repeated = 0;
    std::string stop{};  // why the view stops behind it
  };
  struct Question {
    Instant noted;
    std::optional<std::uint64_t> end;
    std::chrono::steady_clock::time_point noted_here;
  };

  std::span<const Decoded> remaining(std::span<const Decoded> batch) const;
  Result<Batch> prepare(std::span<const Decoded> batch);
  Result<void> apply(const Batch& batch);
  Result<void> restart(const std::string& why);
  void tell(const Changes& changes);
  void say(std::span<const Decoded> folded) const;  // a line for each, where anybody reads them
  void publish();

  Projection projection_;
  ViewStore& store_;
  const unsigned turn_;
  const std::function<void(const Applied&)>& observer_;
  metrics::Counter& folded_;
  metrics::Counter& repeated_;
  metrics::Counter& lost_;

  std::optional<LogId> log_id_;
  std::optional<State> state_;
  WriterWindows windows_;
  std::optional<Question> question_;
  Instant caught_up_at_ = Instant::from_milliseconds(0);
  bool started_ = false;
  bool stopped_ = false;
  bool caught_up_ = false;

  struct Shown {
    mutable std::mutex mutex;
    Runner::Status status;
    std::chrono::steady_clock::time_point complete_until{};  // when what is in the view was all there was; zero: not yet
  };
  const std::shared_ptr<Shown> shown_ = std::make_shared<Shown>();  // outlives this in the metrics
};

}  // namespace quicklime::views
