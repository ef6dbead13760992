#pragma once
// Stamps events and appends them: the one way a role writes.

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "eventlog/event_log.hpp"
#include "events/event.hpp"

namespace quicklime::eventlog {

// The request that an event is written for; api::Call makes it, and whoever writes hands it on whole.
struct Cause {
  RequestId request;
  std::optional<std::string> on_behalf_of{};  // see events::Event
  std::string traceparent{};
};

// What a role says of an event; id, time and writer are stamped at append.
struct Draft {
  events::Actor actor;
  Cause cause;
  std::vector<std::string> once{};
  std::string body{};
  std::string subject{};
  events::Data data;
  PersistBy persist_by = kWhenever;  // of the views that it was decided by: views::require_fresh
};

struct Appended {
  EventId id;
  Position position;
};

// One per process. Any loop.
class EventWriter {
 public:
  EventWriter(EventLog& log, const Clock& clock);  // a fresh incarnation
  // The outcomes of EventLog::append. Refuses before queueing: "event-too-large".
  async::Task<Result<Appended>> append(Draft draft);
  const std::string& incarnation() const { return incarnation_; }
  // How far it has got. Any thread.
  struct Progress {
    std::size_t under_way = 0;                // appends without an answer
    std::optional<Position> last_appended{};  // of the last event of its own that is known to be in the log
  };
  Progress progress() const;

 private:
  EventLog& log_;
  const Clock& clock_;
  std::string incarnation_;
  mutable std::mutex mutex_;
  std::uint64_t sequence_ = 0;
  Progress progress_;
};

}  // namespace quicklime::eventlog
