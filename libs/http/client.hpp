#pragma once
// A small HTTP client: one request, one answer, over TCP, TLS or a unix socket.

#include <chrono>
#include <memory>
#include <string>

#include "async/tls.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

// Where to send requests. Connections are kept alive and reused by the loop that made them.
class Client {
 public:
  struct Options {
    std::string url{};          // "https://ca.internal:8443" or "http://..."; not used with unix_socket
    std::string unix_socket{};  // path
    std::shared_ptr<async::TlsClient> tls{};
    std::chrono::milliseconds timeout{30'000};
    std::size_t body_limit = 64 * 1024 * 1024;
  };
  static Result<std::unique_ptr<Client>> make(Options options);
  ~Client();

  // Any status is an answer; an Error means none came: "server-unreachable", "server-tls", "stream-deadline",
  // each naming the address. A request is never sent twice: when it may have arrived and its method changes
  // things, the code is outcome_unknown. Uses request.method, target, headers and body.
  async::Task<Result<Response>> send(Request request);
  // The same, as soon as the headers are here: whatever the status, the body is response.stream, with `between` for each piece of it
  // and no limit for the whole. A body that ends before its end is an Error of next(): "answer-cut".
  async::Task<Result<Response>> open(Request request, std::chrono::milliseconds between);

 private:
  struct Implementation;
  explicit Client(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::http
