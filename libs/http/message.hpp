#pragma once
// HTTP requests and responses as handlers see them: std types, no Beast.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/stream.hpp"
#include "async/task.hpp"
#include "base/encoding.hpp"
#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/result.hpp"

namespace quicklime::http {

enum class Method : std::uint8_t { get, head, post, put, patch, delete_, other };
std::string_view name(Method method);

// Names are compared without regard to case; order is kept.
class Headers {
 public:
  void set(std::string_view name, std::string value);  // replaces every header of this name
  void add(std::string_view name, std::string value);
  std::optional<std::string_view> get(std::string_view name) const;  // the first
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }
  void reserve(std::size_t count) { all_.reserve(count); }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

struct Request {
  Method method = Method::get;
  std::string target;                                            // as sent: "/v1/certificates?limit=10"
  std::string path;                                              // the part before '?', still percent-escaped
  std::map<std::string, std::string, std::less<>> query{};       // unescaped, + is a space; of repeated names the last
  std::map<std::string, std::string, std::less<>> parameters{};  // of the route, unescaped: {serial}
  std::string route{};                                           // its template, as the router found it: "/v1/tokens/{id}"
  Headers headers{};
  std::string body{};
  async::Peer peer{};
  RequestId id{""};           // X-Request-Id when it is 1-64 characters of [A-Za-z0-9._-], else made here; echoed in the answer
  std::string traceparent{};  // http/trace_context.hpp; "": the request has none that is well-formed. A client sends it
};

// Fills path and query from the target, in origin form or in the absolute form that a server must accept too (RFC 9112 section 3.2.2).
// "target-malformed", with the name of the member that is.
Result<void> split_target(Request& request);

// A body that is made while it is sent (architecture section 9). Belongs to the loop of its connection; one next() at a time. Destroyed
// when nobody reads any more, never while next() runs.
class BodyStream {
 public:
  virtual ~BodyStream() = default;
  // The next piece, asked for when the one before was written: a slow reader holds one piece in memory, whatever is to come.
  //   nullopt   that was all
  //   an Error  the body is cut off, so that whoever reads it sees that it is not whole
  // A source that has nothing to say for long gives something else (a comment): silent for Limits::handler, it is cut off.
  virtual async::Task<Result<std::optional<std::string>>> next() = 0;
  // Whoever reads has gone, or this process is about to end: a next() that waits for something returns soon, and gives nullopt if what
  // was sent may stand as a whole. May come at any time between other calls, and more than once.
  virtual void stop() {}
  // All of it was written, to a reader who had not gone until then. Not called of one that was cut off.
  virtual void sent() {}
};

struct Response {
  unsigned status = 200;
  Headers headers{};
  std::string body{};
  std::shared_ptr<BodyStream> stream{};  // in place of body; an answer of the server that has one is the last of its connection

  static Response json(unsigned status, std::string body);  // application/json
  static Response of(unsigned status, std::string content_type, std::string body);
};

using quicklime::percent_decode;
using quicklime::percent_encode;
std::string http_date(Instant instant);  // RFC 9110 section 5.6.7

}  // namespace quicklime::http
