#pragma once
// What stands before every handler of every role, in one order:
//
//   -  the role's view is there                                  503 (view-not-ready)
//   0. where somebody is asked for: an address that failed too
//      often in this second                                       429
//   1. who asks, whether the role is one of the route's,
//      whether he may ask for somebody else, and so often        401, 403, 429
//   2. Idempotency-Key where it does not help                    400
//   3. Quicklime-Min-Position: the view gets there in 2 s, and
//      who asks is asked once more by what it says there         503, 401, 403
//   4. of what may write: its turn (api/admission.hpp)           503
//   5. the handler
//   6. of an answer that is a stream: its place among them       429, 503
//
// A refusal of somebody known is recorded as an event (is_recorded, access/denials.hpp), also when his token is dead.
// Strangers, who have not said who they are, wait for a position too (a CRL that lacks nothing, the challenge of a certificate just
// issued), but only kWaitingStrangers at once. A token that the view has not met yet is looked for again at the position that the request
// names.
//
// Why no coroutine here is a lambda: a closure that is a temporary inside a co_await expression may be gone, or moved by the compiler
// (g++ 12), when the coroutine goes on. Handlers are stored; what runs are functions that take what they need as parameters.

#include <functional>
#include <memory>
#include <vector>

#include "api/admission.hpp"
#include "api/context.hpp"
#include "api/failure_limit.hpp"
#include "api/identity_limit.hpp"
#include "api/route.hpp"
#include "api/stream_limit.hpp"
#include "http/router.hpp"

namespace quicklime::api {

// So many requests of strangers wait for a position at a time, in each site. The next one does not wait: it is answered when the view
// is there already, else 503 at once.
inline constexpr unsigned kWaitingStrangers = 64;

// Of one site. Any loop.
class Guard {
 public:
  struct Parts {
    std::shared_ptr<Admission> admission{};  // null where nothing is written; asked before what is not GET or HEAD
    FailureLimit* failures = nullptr;        // of the process; null: none
    StreamLimit* streams = nullptr;          // of the site, and outlives it
    IdentityLimit* identities = nullptr;     // likewise
    bool behind_gateway = false;             // only peers get here over TLS: the last of X-Forwarded-For is the client's address
    std::function<Result<void>()> ready{};   // asked before anything else; null: it is
  };
  // context, failures and identities outlive everything that it makes.
  Guard(const ServiceContext& context, Parts parts);
  std::vector<http::Route> before(const std::vector<Route>& routes) const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace quicklime::api
