#pragma once
// What stands before every handler of every role, in one order:
//
//   1. who asks, and whether the role is one of the route's      401, 403 (an event: whoever is known is accounted for)
//   2. Idempotency-Key where it does not help                    400
//   3. Quicklime-Min-Position: the view gets there in 2 s        503
//   4. of what may write: its turn (runtime/admission.hpp)       503
//   5. the handler; a denial of somebody known is an event
//
// Whoever is nobody waits for a position too (a CRL that lacks nothing, a challenge of a certificate just issued), but only so many
// at once. A token that the view has not met yet is looked for again at the position that the request names.
//
// Coroutines, why none of this is lambdas: a closure that is a temporary inside a co_await expression may be gone, or be moved by
// the compiler (g++ 12), when the coroutine goes on. Handlers are stored, and what runs are functions with parameters.

#include <memory>
#include <vector>

#include "http/router.hpp"
#include "runtime/admission.hpp"
#include "runtime/route.hpp"
#include "runtime/service.hpp"

namespace quicklime::runtime {

// So many requests of nobody wait for a position at a time, in each site; the next one hears 503 at once.
inline constexpr unsigned kWaitingStrangers = 64;

// Of one site.
class Guard {
 public:
  // context outlives everything that it makes. admission: null where nothing is written; asked before what is not GET or HEAD.
  Guard(const ServiceContext& context, std::shared_ptr<Admission> admission);
  std::vector<http::Route> before(const std::vector<Route>& routes) const;

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace quicklime::runtime
