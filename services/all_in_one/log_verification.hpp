#pragma once
// Recomputes the whole chain of the log, from offset 0, on a thread of its own; then compares what each view remembers of
// the log with it. `serve` does this at every start; `quicklime log verify` asks for it.

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.hpp"
#include "eventlog/event_log.hpp"

namespace quicklime::all_in_one {

class LogVerification {
 public:
  // What a view says of the log it folded.
  struct ViewAnchor {
    std::string view;
    eventlog::Anchor anchor;
  };
  using Anchors = std::function<std::vector<ViewAnchor>()>;

  LogVerification(eventlog::EventLog& log, Anchors anchors) : log_(log), anchors_(std::move(anchors)) {}
  ~LogVerification();  // stops

  struct Status {
    bool running = false;
    std::uint64_t checked = 0;         // events
    std::uint64_t end = 0;             // of the log when it began
    std::vector<std::string> views{};  // compared
    std::string chain{};               // hex, of the last event; when done
    std::string failure{};             // in words; empty: everything holds
  };
  Status status() const;  // any thread
  void start();           // begins anew, unless one is running

 private:
  void run();
  Result<void> verify();

  eventlog::EventLog& log_;
  Anchors anchors_;
  mutable std::mutex mutex_;
  Status status_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace quicklime::all_in_one
