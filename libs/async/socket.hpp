#pragma once
// Internal: a connected socket as a Stream, and what TLS adds to it.

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <memory>
#include <string>
#include <utility>

#include "async/loop.hpp"
#include "async/stream.hpp"

namespace quicklime::async {

using Socket = asio::basic_stream_socket<asio::generic::stream_protocol, Executor>;

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&& other) noexcept {
    Descriptor old(std::exchange(value_, other.release()));
    return *this;
  }
  ~Descriptor();
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

class SocketStream : public Stream {
 public:
  // The descriptor is connected (or connecting) and non-blocking.
  SocketStream(Loop::Implementation& loop, Descriptor descriptor, Peer peer);
  ~SocketStream() override;

  Task<Result<std::size_t>> read_some(std::span<char> into) override;
  Task<Result<void>> write_all(std::string_view bytes) override;
  void set_deadline(SteadyClock::time_point deadline) override;
  Task<void> shutdown() override;
  const Peer& peer() const override { return peer_; }

  // Parked streams: still open, and nothing has come that nobody asked for.
  virtual bool usable();

  // Until the socket can be read from or written to, or has failed.
  Task<Result<void>> ready(asio::socket_base::wait_type what);
  Result<void> connected() const;  // the outcome of a connect() that was under way

 protected:
  int descriptor() { return socket_.native_handle(); }
  bool expired() const { return timer_->expired; }
  Failure failure(const boost::system::error_code& code) const;
  void send_fin();
  Peer peer_;

 private:
  // One timer, armed for the earliest deadline that was set since it last rang: when it rings and
  // the deadline has been moved, it is armed again. So a busy connection arms it once in a while.
  struct DeadlineTimer;
  static void arm(const std::shared_ptr<DeadlineTimer>& timer);
  struct DeadlineTimer {
    Timer timer;
    Socket* socket;  // nullptr: the stream is gone
    SteadyClock::time_point deadline = SteadyClock::time_point::max();
    SteadyClock::time_point armed = SteadyClock::time_point::max();
    bool expired = false;
  };

  Socket socket_;
  std::shared_ptr<DeadlineTimer> timer_;
};

// tls.cpp
std::unique_ptr<Stream> accept_tls(Loop::Implementation& loop, Descriptor descriptor, Peer peer, TlsServer& tls);
// The handshake is the first read or write, or handshake().
std::unique_ptr<SocketStream> connect_tls_over(Loop::Implementation& loop, Descriptor descriptor, Peer peer, const TlsClient& tls,
                                               const std::string& host);

Failure stream_closed();
Failure stream_deadline();
std::string error_text(int number);  // strerror, safe on any thread

}  // namespace quicklime::async
