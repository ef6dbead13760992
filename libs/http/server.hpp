#pragma once
// The HTTP server: HTTP/1.0 and 1.1, keep-alive, pipelining, over TCP, TLS and unix sockets.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "async/stream.hpp"
#include "async/tls.hpp"
#include "base/result.hpp"
#include "http/router.hpp"

namespace quicklime::http {

struct Limits {
  std::size_t body_bytes = 64 * 1024;    // more: 413, and the connection closes
  std::size_t header_bytes = 16 * 1024;  // more: 431
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds header{10'000};  // from the first byte (or the connection) to the end of the headers: 408
  std::chrono::milliseconds body{30'000};
  std::chrono::milliseconds idle{75'000};                // between requests of one connection: closed silently
  std::chrono::milliseconds handler{60'000};             // 503 when an answer takes longer
  std::size_t connections_per_loop = 10'000;             // at the limit, and when descriptors run out, the longest idle make room
  std::size_t connections_of_operator_per_loop = 1'000;  // beside them
};

// Where to listen, and what is served there.
struct Endpoint {
  enum class Kind : std::uint8_t { plain, tls, unix_socket } kind = Kind::plain;
  std::string host;        // or the path of the unix socket
  std::uint16_t port = 0;  // 0: any free one; ask port()
  std::shared_ptr<const Router> router;
  std::shared_ptr<async::TlsServer> tls{};
  // /livez and the control socket: strangers' connections take neither their place nor their descriptors.
  bool of_operator = false;
};

// N I/O threads, each with its own loop and, by SO_REUSEPORT, its own connections; a unix socket is
// served by the first. A response leaves in one write; answers to pipelined requests leave together.
// Conflicting or repeated Content-Length, Content-Length with Transfer-Encoding, obsolete line folding: 400 and close.
class Server {
 public:
  // Binds everything or fails without serving anything. first: what each thread does before it takes a connection, such as opening
  // its files; it should not suspend.
  static Result<std::unique_ptr<Server>> start(std::vector<Endpoint> endpoints, Limits limits, unsigned threads,
                                               std::function<async::Task<void>()> first = nullptr);
  ~Server();  // drain(0)

  std::uint16_t port(std::size_t endpoint) const;
  // Stops accepting, answers what is under way with "Connection: close", closes idle connections, and
  // returns when none is left or the time is over. Once.
  void drain(std::chrono::milliseconds grace);
  // The I/O threads' loops, for background coroutines of the roles.
  async::Loop& loop(std::size_t thread);

 private:
  struct Implementation;
  explicit Server(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::http
