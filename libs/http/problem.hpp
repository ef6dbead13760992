#pragma once
// The one place where an Error becomes HTTP: RFC 9457 problem+json.

#include <string>

#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

unsigned status_of(ErrorCode code);

// {"type": "https://quicklime.dev/errors#<reason>", "title", "status", "detail", "instance": <path>,
//  "request_id", "errors": [{"pointer": <field>, "reason": <reason>}]}; Retry-After where the error has one,
// WWW-Authenticate: Bearer with 401. `internal` errors tell the user the request id only; the cause is logged.
Response problem(const Error& error, const Request& request);
// The same with a status that no ErrorCode has: 405, 408, 417, 431, 501, 505.
Response problem(unsigned status, const Error& error, const Request& request);

// The other direction, for our own client: what a server's problem says, as an Error again.
Error error_from(const Response& response);

}  // namespace quicklime::http
