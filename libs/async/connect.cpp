#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <functional>
#include <utility>

#include "async/address.hpp"
#include "async/socket.hpp"

namespace quicklime::async {
namespace {

constexpr auto kParkedFor = std::chrono::seconds(30);  // below the idle limit of servers, ours (75 s) among them

Failure unreachable(const std::string& where, const std::string& why) {
  return fail(ErrorCode::unavailable, "server-unreachable", "cannot connect to " + where + ": " + why);
}

Failure too_late(const std::string& where) {
  return fail(ErrorCode::unavailable, "stream-deadline", "connecting to " + where + " took too long");
}

using Make = std::function<std::unique_ptr<SocketStream>(Descriptor)>;

Task<Result<std::unique_ptr<Stream>>> connect_to(const Address& address, const std::string& where, SteadyClock::time_point deadline,
                                                 const Make& make) {
  Descriptor descriptor(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor.get() < 0) co_return unreachable(where, error_text(errno));
  if (address.family() != AF_UNIX) {
    const int on = 1;
    ::setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  }
  const bool at_once = ::connect(descriptor.get(), address.get(), address.size) == 0;
  if (!at_once && errno != EINPROGRESS) co_return unreachable(where, error_text(errno));
  std::unique_ptr<SocketStream> stream = make(std::move(descriptor));
  stream->set_deadline(deadline);
  if (!at_once) {
    auto writable = co_await stream->ready(asio::socket_base::wait_write);
    if (!writable) co_return too_late(where);
    if (auto connected = stream->connected(); !connected) co_return unreachable(where, connected.error().detail);
  }
  auto handshaken = co_await stream->handshake();
  if (!handshaken) {
    if (handshaken.error().reason == "stream-deadline") co_return too_late(where);
    co_return fail(ErrorCode::unavailable, "server-tls", "no secure connection to " + where + ": " + handshaken.error().detail);
  }
  co_return std::unique_ptr<Stream>(std::move(stream));
}

// One address after the other; the error is the last one's.
Task<Result<std::unique_ptr<Stream>>> connect_host(std::string host, std::uint16_t port, const TlsClient* tls,
                                                   SteadyClock::time_point deadline) {
  Loop::Implementation& loop = Loop::Implementation::current();
  const std::string where = host_and_port(host, port);
  auto addresses = co_await resolve(host, port, deadline);
  if (!addresses) {
    if (addresses.error().reason == "stream-deadline") co_return too_late(where);
    co_return unreachable(where, addresses.error().detail);
  }
  Result<std::unique_ptr<Stream>> result = unreachable(where, "the name has no address");
  for (const Address& address : *addresses) {
    Peer peer;
    peer.address = address.text();
    if (tls != nullptr) peer.transport = Peer::Transport::tls;
    const Make make = [&](Descriptor descriptor) -> std::unique_ptr<SocketStream> {
      if (tls != nullptr) return connect_tls_over(loop, std::move(descriptor), peer, *tls, host);
      return std::make_unique<SocketStream>(loop, std::move(descriptor), peer);
    };
    result = co_await connect_to(address, where, deadline, make);
    if (result || result.error().reason != "server-unreachable") break;
  }
  co_return result;
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_tcp(std::string host, std::uint16_t port, SteadyClock::time_point deadline) {
  return connect_host(std::move(host), port, nullptr, deadline);
}

Task<Result<std::unique_ptr<Stream>>> connect_tls(std::string host, std::uint16_t port, const TlsClient& tls,
                                                  SteadyClock::time_point deadline) {
  return connect_host(std::move(host), port, &tls, deadline);
}

Task<Result<std::unique_ptr<Stream>>> connect_unix(std::string path, SteadyClock::time_point deadline) {
  Loop::Implementation& loop = Loop::Implementation::current();
  auto address = unix_address(path);
  if (!address) co_return forward(address);
  const Make make = [&loop](Descriptor descriptor) {
    Peer peer;
    peer.transport = Peer::Transport::unix_socket;
    return std::make_unique<SocketStream>(loop, std::move(descriptor), std::move(peer));
  };
  co_return co_await connect_to(*address, path, deadline, make);
}

void park(const std::string& key, std::unique_ptr<Stream> stream) {
  stream->set_deadline(SteadyClock::time_point::max());
  Loop::Implementation::current().parked.emplace(key, Loop::Implementation::Parked{std::move(stream), SteadyClock::now()});
}

std::unique_ptr<Stream> unpark(const std::string& key) {
  auto& parked = Loop::Implementation::current().parked;
  for (auto found = parked.find(key); found != parked.end(); found = parked.find(key)) {
    auto [stream, since] = std::move(found->second);
    parked.erase(found);
    auto* socket = dynamic_cast<SocketStream*>(stream.get());
    if (SteadyClock::now() - since < kParkedFor && socket != nullptr && socket->usable()) return std::move(stream);
  }
  return nullptr;
}

}  // namespace quicklime::async
