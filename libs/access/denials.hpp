#pragma once
// Denials of authenticated callers as events: at most 10 a minute and identity, what is beyond that as one event with a
// count. Unauthenticated callers are counted in metrics only: they can never make the log grow.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "access/identity.hpp"
#include "async/task.hpp"
#include "eventlog/event_writer.hpp"

namespace quicklime::access {

class Denials {
 public:
  Denials(eventlog::EventWriter& writer, const Clock& clock);
  ~Denials();
  // Waits for the append; a failure to write it is logged, not returned: the caller is refused either way.
  async::Task<void> record(const Identity& identity, RequestId request, std::string route, Error error);
  // Writes the counts of minutes that are over; called by a background task every few seconds.
  async::Task<void> flush();

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::access
