#pragma once
// Carrying orders out: view, rules, log, view again.

#include <optional>
#include <vector>

#include "async/task.hpp"
#include "ca/once_keys.hpp"
#include "revocation/change.hpp"
#include "revocation/command.hpp"
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
  eventlog::Cause cause;
  Milliseconds wait;
  eventlog::PersistBy persist_by = eventlog::kWhenever;  // of what is known of the actor
  std::optional<Command> command{};                      // with an Idempotency-Key
  bool identified = false;                               // the actor is somebody of access::Access, and did not only prove his right
  std::optional<std::string> only_of{};                  // ca::requester_text: nobody else's certificates; nullopt: any
  std::size_t look_at = kLookedAt;                       // for the scope
  std::size_t at_most = kMaximumSerials;                 // certificates in all, and as many named of what remains
};

// The same order for each certificate, those that were named first, then those of the scope. Nothing is
// written unless the view is fresh and every serial is known ("certificate-unknown", after the view has reached the log's end). To who may
// change only his own, what others asked for is as unknown as what nobody did: "not-yours" (403).
// A hold or release that would change nothing is answered as of the log's end too, or with "view-behind" (503).
// An append that fails in the middle leaves what was written before it; the error says how many, and the same order again does
// the rest. Then waits until the view has applied the last event, up to `wait` (a moment at least), to answer with what it holds.
// "revocation-scope-too-large" (unprocessable): the scope holds more than look_at; then nothing is written.
// The scope is looked at again then, for what was renewed while this was written: nothing can be renewed after it.
// A release by a token waits longer and is answered only as it was judged: "token-revoked" (403), "view-behind" (503: ask again).
// With a command, of which one is under way at a time in this process: what was written under it before is answered as it was then,
// however old the view, and not written again; the rest is done. The first event is judged before a second is written:
// "idempotency-conflict" (422), "view-behind" (503). An order of somebody identified that changes nothing is written all the same where it
// could change something when it comes again (a hold, a release), and a revocation of nothing with one event: to be remembered.
async::Task<Result<Carried>> carry_out(const api::ServiceContext& context, ca::OnceKeys& once_keys, Orders orders);
// The hash of what is ordered, hex: act, reason, scope and serials.
std::string orders_sha256(const Orders& orders);

}  // namespace quicklime::revocation
