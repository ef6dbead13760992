#pragma once
// Refusals of authenticated callers as events: at most 10 a minute and identity, what is beyond that as one event with a
// count. Strangers are counted in metrics only: they can never make the log grow.

#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "async/task.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"
#include "eventlog/event_writer.hpp"
#include "events/event.hpp"

namespace quicklime::access {

// In fixed memory: of so many identities at a time. Those beyond are counted in one, as the actor process "denials".
class Denials {
 public:
  static constexpr std::size_t kIdentities = 1'024;

  Denials(eventlog::EventWriter& writer, const Clock& clock);
  ~Denials();
  struct Refusal {
    std::string route;    // "POST /v1/certificates/{serial}/hold": method and template, nothing that the caller chose
    std::string subject;  // serial, hex: whom it would have been about; "" where nobody is named
    Error error;
  };
  // Waits for the append; a failure to write it is logged, not returned: the caller is refused either way. Text that shows a secret is not
  // written down.
  async::Task<void> record(events::Actor actor, eventlog::Cause cause, Refusal refusal);
  // Writes the counts of minutes that are over, called by a background task every few seconds; or all, when the process ends.
  enum class Which : std::uint8_t { ended, all };
  async::Task<void> flush(Which which = Which::ended);

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::access
