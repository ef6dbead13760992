#pragma once
// Byte streams with deadlines: TCP, TLS and unix sockets behind one interface.

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "async/task.hpp"
#include "async/tls.hpp"
#include "base/result.hpp"

namespace quicklime::async {

// Who is at the other end.
struct Peer {
  enum class Transport : std::uint8_t { plain, tls, unix_socket } transport = Transport::plain;
  std::string address;                       // "127.0.0.1:51234", "[::1]:51234"; empty on a unix socket
  std::optional<std::string> certificate{};  // DER of the client certificate: possession proved, nothing else checked
  std::optional<uid_t> uid{};                // unix socket: SO_PEERCRED
};

// Belongs to the loop it was made on; one read and one write at a time. Failures are
// ErrorCode::unavailable with reason "stream-closed", "stream-deadline" or "stream-error".
class Stream {
 public:
  virtual ~Stream() = default;  // closes
  // Makes the TLS handshake that the first read or write would make; elsewhere there is none.
  virtual Task<Result<void>> handshake();
  // At least one byte, or an error: the end of the stream is "stream-closed".
  virtual Task<Result<std::size_t>> read_some(std::span<char> into) = 0;
  virtual Task<Result<void>> write_all(std::string_view bytes) = 0;
  // Everything under way or begun later fails at this time. Cheap: re-arms no timer when it is moved later.
  virtual void set_deadline(std::chrono::steady_clock::time_point deadline) = 0;
  // Sends the TLS close_notify or FIN.
  virtual Task<void> shutdown() = 0;
  virtual const Peer& peer() const = 0;
};

class Listener {
 public:
  virtual ~Listener() = default;
  // The next connection. TLS: before its handshake, which the first read or write makes (so a slow
  // client holds up nobody; the stream's deadline covers it). Running out of descriptors is waited out here, not returned.
  virtual Task<Result<std::unique_ptr<Stream>>> accept() = 0;
  // Before accept. When there is no descriptor for a connection, make_room is called before each new attempt, on the loop; with a
  // reserve, a descriptor that was kept for this moment is given up first.
  enum class Reserve : std::uint8_t { none, one_descriptor };
  virtual void on_exhaustion(std::function<void()> make_room, Reserve reserve) = 0;
  virtual void close() = 0;                // accept then returns "stream-closed"
  virtual std::uint16_t port() const = 0;  // as bound, when 0 was asked; 0 for a unix socket
};

// SO_REUSEPORT: each loop listens on its own socket. Host: an address or "localhost" (127.0.0.1); "" means any (IPv6 and IPv4).
// The error of a port in use names the address and what to change ("address-in-use").
Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& host, std::uint16_t port);
Result<std::unique_ptr<Listener>> listen_tls(Loop& loop, const std::string& host, std::uint16_t port, std::shared_ptr<TlsServer> tls);
// SO_REUSEPORT would also let a second process of ours share the port, silently: ask this before the first loop listens.
Result<void> check_port_free(const std::string& host, std::uint16_t port);
// Mode 0600 from its first moment. An existing socket file is replaced: only the owner of the data directory's lock calls this.
// close() removes it.
Result<std::unique_ptr<Listener>> listen_unix(Loop& loop, const std::string& path);

// On the loop of the calling coroutine; the deadline covers name look-up, connection and handshake, and stays set.
// Errors name the address: "server-unreachable", "server-tls", "stream-deadline". `tls` must live until the task ends.
Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);
Task<Result<std::unique_ptr<Stream>>> connect_tls(std::string host, std::uint16_t port, const TlsClient& tls,
                                                  std::chrono::steady_clock::time_point deadline);
Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, std::chrono::steady_clock::time_point deadline);

// An idle connection, kept by the loop of the calling coroutine for whoever asks there for the same key.
// unpark forgets what was closed or is older than 30 s, and is nullptr when nothing is left.
void park(const std::string& key, std::unique_ptr<Stream> stream);
std::unique_ptr<Stream> unpark(const std::string& key);

}  // namespace quicklime::async
