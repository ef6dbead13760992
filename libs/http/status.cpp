#include "http/status.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace quicklime::http {
namespace {

// The date changes once a second; formatting it for every answer would cost more than parsing the request.
std::string_view date_now() {
  thread_local std::int64_t second = -1;
  thread_local std::string text;
  const Instant now = SystemClock().now();
  if (now.seconds() != second) {
    second = now.seconds();
    text = http_date(now);
  }
  return text;
}

void append_number(std::string& out, std::size_t number, int base = 10) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  out.append(digits.data(), end);
}

// Framing and identity are the server's; a handler that sets them is not believed.
bool set_by_server(std::string_view name) {
  constexpr std::array<std::string_view, 6> names{"content-length", "transfer-encoding", "connection", "date", "server", "x-request-id"};
  return std::any_of(names.begin(), names.end(), [name](std::string_view own) {
    return own.size() == name.size() &&
           std::equal(own.begin(), own.end(), name.begin(), [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  });
}

}  // namespace

std::string_view status_text(unsigned status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 206: return "Partial Content";
    case 301: return "Moved Permanently";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 307: return "Temporary Redirect";
    case 308: return "Permanent Redirect";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 406: return "Not Acceptable";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 417: return "Expectation Failed";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 502: return "Bad Gateway";
    case 503: return "Service Unavailable";
    case 504: return "Gateway Timeout";
    case 505: return "HTTP Version Not Supported";
    default: return "Unknown";
  }
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out += name;
  out += ": ";
  const std::size_t begin = out.size();
  out += value;
  std::replace_if(
      out.begin() + static_cast<std::ptrdiff_t>(begin), out.end(), [](char c) { return c == '\r' || c == '\n' || c == '\0'; }, ' ');
  out += "\r\n";
}

void append_chunk(std::string& out, std::string_view bytes) {
  constexpr int kHex = 16;
  append_number(out, bytes.size(), kHex);
  out += "\r\n";
  out += bytes;
  out += "\r\n";
}

void append_response(std::string& out, const Response& response, const RequestId& id, Persistence persistence, Body body) {
  out += "HTTP/1.1 ";
  append_number(out, response.status);
  out.push_back(' ');
  out += status_text(response.status);
  out += "\r\nDate: ";
  out += date_now();
  out += "\r\nServer: quicklime\r\n";
  for (const auto& [name, value] : response.headers.all()) {
    if (!set_by_server(name)) append_header(out, name, value);
  }
  // RFC 9110 section 8.6: 204 must not have a length, and that of a 304 would be the other answer's.
  const bool bodiless = response.status == 204 || response.status == 304;
  if (body == Body::in_chunks) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (!bodiless && body != Body::until_close) {
    out += "Content-Length: ";
    append_number(out, response.body.size());
    out += "\r\n";
  }
  append_header(out, "X-Request-Id", id.text());
  switch (persistence) {
    case Persistence::keep: break;
    case Persistence::keep_and_say: out += "Connection: keep-alive\r\n"; break;
    case Persistence::close: out += "Connection: close\r\n"; break;
  }
  out += "\r\n";
  if (body == Body::send && !bodiless) out += response.body;
}

}  // namespace quicklime::http
