#pragma once
// What every role's handlers do with requests: who asks, how fresh, at which position.

#include <functional>

#include "access/identity.hpp"
#include "api/context.hpp"
#include "api/route.hpp"
#include "async/task.hpp"
#include "http/message.hpp"

namespace quicklime::api {

// The session of a browser: HttpOnly, and sent along with nothing that another site causes (SameSite=Strict); __Host-: RFC 6265bis
// section 4.1.3.2.
inline constexpr std::string_view kSessionCookie = "__Host-quicklime";
std::optional<std::string> cookie_of(const http::Request& request, std::string_view name);
// The control socket's peer, a bearer token or a password (out of Authorization), a browser's session, the client certificate
// (api/presented.hpp). For whoever has a Call: Call::credentials, which knows the client's address too.
access::Credentials credentials_of(const http::Request& request, const std::vector<std::string>& vouching);

// What was refused, for the event: the method and the template of the route, and the serial of the path as its subject. Nothing else of
// the path: it may be a secret that somebody put into the wrong place, and the log keeps it for ever.
access::Denials::Refusal refusal_of(const http::Request& request, Error error);
// Which refusals of somebody known are recorded: 401 and 403, and of what may write every other 4xx but 404 and 429, which are counted
// in the metrics of the router alone.
bool is_recorded(const Error& error, http::Method method);
bool may_write(http::Method method);  // all but GET and HEAD

// Where the body may be the proof, before it is parsed: one of more than 4 KB is read only for somebody whom access::Access knows, else its
// error (401).
async::Task<Result<void>> require_identity_for_large_body(const ServiceContext& context, const Call& call);

// Quicklime-Min-Position: waits up to 2 s for the view (or less: `within`), else 503 with Retry-After. The position, reached; nullopt: no
// header.
inline constexpr Milliseconds kPositionWait{2'000};  // architecture section 4
async::Task<Result<std::optional<Position>>> at_least_min_position(const ServiceContext& context, const http::Request& request,
                                                                   Milliseconds within = kPositionWait);

// `Prefer: wait=N` (RFC 7240) in seconds, at most 10; 0 when absent.
Milliseconds preferred_wait(const http::Request& request);

// The Quicklime-Position header.
void set_position(http::Response& response, Position position);

// Route parameter {serial}: any hex form.
Result<SerialNumber> serial_parameter(const http::Request& request);

}  // namespace quicklime::api
