#pragma once
// One event as it stands in the log.

#include <utility>

#include "async/offload.hpp"
#include "async/task.hpp"
#include "base/result.hpp"
#include "eventlog/event_log.hpp"
#include "events/event.hpp"

namespace quicklime::ca {

// Off the loop: a log may answer over the network. A view keeps offsets instead of certificates.
async::Task<Result<std::pair<Position, events::Event>>> read_event(eventlog::EventLog& log, async::OffloadPool& pool, std::uint64_t offset);

}  // namespace quicklime::ca
