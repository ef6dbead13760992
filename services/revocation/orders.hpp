#pragma once
// Carrying orders out: view, rules, log, view again.

#include <vector>

#include "async/task.hpp"
#include "revocation/change.hpp"
#include "revocation/service_json.hpp"
#include "runtime/service.hpp"

namespace quicklime::revocation {

struct Carried {
  std::vector<StatusAnswer> answers;  // in the order of the serials
  Position position;                  // of the last event written; of the view when nothing had to be written
};

// The same order for each certificate. Nothing is written unless the view is fresh and every serial is known
// ("certificate-unknown", after the view has reached the log's end). An append that fails in the middle leaves what was
// written before it; the error says how many, and the same order again does the rest.
// persist_by: of what is known of the actor.
// Then waits until the view has applied the last event, up to `wait` (a moment at least), to answer with what it holds.
async::Task<Result<Carried>> carry_out(const runtime::ServiceContext& context, Order order, std::vector<SerialNumber> serials,
                                       events::Actor actor, RequestId request, Milliseconds wait,
                                       eventlog::PersistBy persist_by = eventlog::kWhenever);

}  // namespace quicklime::revocation
