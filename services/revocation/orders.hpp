#pragma once
// Carrying orders out: view, rules, log, view again.

#include <vector>

#include "async/task.hpp"
#include "revocation/change.hpp"
#include "revocation/related.hpp"
#include "revocation/service_json.hpp"
#include "runtime/service.hpp"

namespace quicklime::revocation {

// Of one request.
inline constexpr std::size_t kMaximumSerials = 500;

struct Orders {
  Order order;
  std::vector<SerialNumber> serials;  // at least one
  Scope scope{};                      // what else it is for
  events::Actor actor;
  RequestId request;
  Milliseconds wait;
  eventlog::PersistBy persist_by = eventlog::kWhenever;  // of what is known of the actor
  std::size_t look_at = kLookedAt;                       // for the scope
  std::size_t at_most = kMaximumSerials;                 // certificates in all, and as many named of what remains
};

// The same order for each certificate, those that were named first, then those of the scope. Nothing is
// written unless the view is fresh and every serial is known ("certificate-unknown", after the view has reached the log's end).
// A hold or release that would change nothing is answered as of the log's end too, or with "view-behind" (503).
// An append that fails in the middle leaves what was written before it; the error says how many, and the same order again does
// the rest. Then waits until the view has applied the last event, up to `wait` (a moment at least), to answer with what it holds.
// "revocation-scope-too-large" (unprocessable): the scope holds more than look_at; then nothing is written.
// The scope is looked at again then, for what was renewed while this was written: nothing can be renewed after it.
// A release by a token waits longer and is answered only as it was judged: "token-revoked" (403), "view-behind" (503: ask again).
async::Task<Result<Carried>> carry_out(const api::ServiceContext& context, Orders orders);

}  // namespace quicklime::revocation
