#pragma once
// Whatever is shown instead of a token or a session (a password, an assertion, a client certificate) is exchanged for a session, by the
// role identity alone. Every other role asks it, here, and goes on as that session: how people sign in is known in one place.

#include <memory>
#include <optional>

#include "access/identity.hpp"
#include "base/position.hpp"

namespace quicklime::access {

struct Exchanged {
  Secret session;     // its text
  Position position;  // where it stands in the log
};

// Embedded a call, distributed a request to quicklime-identity. Any loop.
class Exchange {
 public:
  virtual ~Exchange() = default;
  // nullopt: nothing here that is exchanged. "sign-in-failed" (401), "sign-in-limited" (429), "sign-in-busy" (503), and what
  // POST /v1/sign-in says.
  virtual async::Task<std::optional<Result<Exchanged>>> exchange(const Credentials& credentials) = 0;
};

// For the routes of any role. A session is kept for five minutes beside a keyed hash of what was exchanged for it, and asked each time
// whether it is live: a hundred requests with one password cost one look at the password and one event.
std::unique_ptr<Authenticator> exchange_authenticator(std::shared_ptr<Exchange> exchange, views::View& view,
                                                      std::unique_ptr<Authenticator> sessions);

}  // namespace quicklime::access
