#pragma once
// Folds the log into views. One thread decodes each event once and hands it to every view that stands there.

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "eventlog/event_log.hpp"
#include "views/projection.hpp"
#include "views/view_store.hpp"

namespace quicklime::views {

struct RunnerOptions {
  std::size_t batch_events = 1000;         // also ended by 1 MiB
  Milliseconds freshness_interval{1'000};  // between two questions for the log's end
  std::size_t batch_events_behind = 100;   // of a view that is behind while others wait for new events: they wait so long for theirs
};

// What on_applied hears of, once it can be read: the point keys that one apply changed (for caches), and the view's new position.
// Without changes: where the view stands at the start, and each time it has held all of the log again.
struct Applied {
  const std::string& view;
  const Meta& meta;
  const Changes& changes;
};

// Start: every view's state is checked against the log (follow); a view without state, or of another
// version, is folded from the start. The batch loop of architecture section 6: fold, apply by compare-and-swap,
// tell. After "view-moved" or an unknown outcome it reads the view's state again and goes on from there; a log that
// is not the view's log stops the view, names it in status(), and leaves it readable and ageing.
class Runner {
 public:
  struct View {
    Projection projection;
    ViewStore* store;
    unsigned turn = 0;  // of those that are behind, the lowest is folded first; the same turn: together
  };
  // log, stores and what the observer touches outlive the runner.
  Runner(eventlog::EventLog& log, std::vector<View> views, RunnerOptions options, metrics::Registry& metrics);
  ~Runner();  // stop
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Before start. Called on the projection thread.
  void on_applied(std::function<void(const Applied&)> observer);
  void start();
  void stop();

  struct Status {
    std::string view;
    Position position;  // of the last event applied; {0,0} and applied=false before the first
    bool applied = false;
    std::uint64_t log_end = 0;  // offset behind the last event, as the log last answered; 0: not yet
    bool caught_up = false;     // since the start, has been at the log's end once
    std::string stopped;        // the reason, in words, when it stopped for good
  };
  std::vector<Status> status() const;  // any thread

  // For tests: the projection thread rests between batches while true, and does so when this returns.
  void pause_for_test(bool paused);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::views
