#pragma once
// The one place where an Error becomes HTTP: RFC 9457 problem+json.

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

unsigned status_of(ErrorCode code);

// {"type": "https://quicklime.dev/errors#<reason>", "title", "status", "detail", "instance": <path>,
//  "request_id", "errors": [{"pointer": <field>, "reason": <reason>}]}; Retry-After where the error has one,
// WWW-Authenticate: Bearer with 401; below CFSSL's paths the same in CFSSL's words (http/cfssl_envelope.hpp). `internal` errors tell the
// user the request id only; the cause is logged.
Response problem(const Error& error, const Request& request);
// The same with a status that no ErrorCode has: 405, 408, 417, 431, 501, 505.
Response problem(unsigned status, const Error& error, const Request& request);

// The other direction, for our own client: what a server's problem says, as an Error again.
Error error_from(const Response& response);

// Where this process keeps its files is nobody's business: in what is answered, files below this directory have their names from
// there on. Before anything is served.
void hide_directory(const std::filesystem::path& directory);
std::string without_directory(std::string text);

}  // namespace quicklime::http
