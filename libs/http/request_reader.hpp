#pragma once
// Internal: requests out of the bytes of one connection, one after the other (RFC 9112).

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

class RequestReader {
 public:
  RequestReader(std::size_t header_limit, std::size_t body_limit);
  ~RequestReader();

  enum class State : std::uint8_t {
    idle,  // nothing of a request has come
    header,
    body,
    complete,  // request() is whole; next() goes on to the one behind it
    failed,    // rejection() says why; the connection cannot be used any more
  };

  // Takes what it can and says how many bytes that is. What it leaves must come again, with more behind it.
  std::size_t feed(std::string_view bytes);
  State state() const;
  void next();

  Request& request();
  // Asked for "100 Continue" before it sends its body. True once.
  bool take_continue();
  bool keep_alive() const;   // by version and Connection header; from the end of the header on
  bool old_version() const;  // HTTP/1.0

  struct Rejection {
    unsigned status;
    Error error;
  };
  const Rejection& rejection() const;

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

RequestId new_request_id();  // unlike any other of this process and, but for a chance of 2^-48, of any other

}  // namespace quicklime::http
