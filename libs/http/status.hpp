#pragma once
// Internal: reason phrases, and a response as the bytes that go out.

#include <string>
#include <string_view>

#include "http/message.hpp"

namespace quicklime::http {

std::string_view status_text(unsigned status);  // RFC 9110 section 15: "Not Found"

// omit: the answer to a HEAD request. Of a stream: its pieces follow in chunks, or, for HTTP/1.0, until the connection ends.
enum class Body { send, omit, in_chunks, until_close };
enum class Persistence { keep, keep_and_say, close };  // keep_and_say: HTTP/1.0 must be told

// Appends status line, the response's own headers, and what every answer carries (Date, Server,
// Content-Length, X-Request-Id). Line breaks in header values become spaces.
void append_response(std::string& out, const Response& response, const RequestId& id, Persistence persistence, Body body);

// One chunk (RFC 9112 section 7.1); the empty one ends the body.
void append_chunk(std::string& out, std::string_view bytes);

// Appends "name: value\r\n".
void append_header(std::string& out, std::string_view name, std::string_view value);

}  // namespace quicklime::http
