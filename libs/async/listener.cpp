#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <cstdint>
#include <functional>
#include <utility>

#include "async/address.hpp"
#include "async/socket.hpp"
#include "base/logging.hpp"

namespace quicklime::async {
namespace {

constexpr int kBacklog = 4096;  // the kernel cuts it to net.core.somaxconn

enum class Share : std::uint8_t { no, yes };

class SocketListener final : public Listener {
 public:
  SocketListener(Loop& loop, Descriptor descriptor, std::string unix_path, std::shared_ptr<TlsServer> tls)
      : loop_(loop.implementation()),
        descriptor_(loop_.context, descriptor.release()),
        unix_path_(std::move(unix_path)),
        tls_(std::move(tls)) {}
  ~SocketListener() override { close(); }

  Task<Result<std::unique_ptr<Stream>>> accept() override;
  void on_exhaustion(std::function<void()> make_room, Reserve reserve) override {
    make_room_ = std::move(make_room);
    reserve_ = reserve;
    keep_reserve();
  }
  void close() override;
  std::uint16_t port() const override;

 private:
  std::unique_ptr<Stream> stream(Descriptor descriptor, const Address& from);
  void keep_reserve() {
    if (reserve_ == Reserve::one_descriptor && spare_.get() < 0) spare_ = Descriptor(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  }

  Loop::Implementation& loop_;
  asio::posix::basic_stream_descriptor<Executor> descriptor_;  // for its readiness; accept4 does the rest
  std::string unix_path_;
  std::shared_ptr<TlsServer> tls_;
  std::function<void()> make_room_;
  Reserve reserve_ = Reserve::none;
  Descriptor spare_{-1};  // given up when there is no other
};

Task<Result<std::unique_ptr<Stream>>> SocketListener::accept() {
  keep_reserve();
  while (descriptor_.is_open()) {
    Address from;
    from.size = sizeof(from.storage);
    Descriptor accepted(
        ::accept4(descriptor_.native_handle(), reinterpret_cast<sockaddr*>(&from.storage), &from.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (accepted.get() >= 0) co_return stream(std::move(accepted), from);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      boost::system::error_code ignored;
      co_await descriptor_.async_wait(asio::posix::descriptor_base::wait_read, asio::redirect_error(asio::use_awaitable, ignored));
    } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      log::warning("cannot accept connections, trying again", {{"error", error_text(errno)}});
      if (make_room_) make_room_();
      if (spare_.get() >= 0) {
        spare_ = Descriptor(-1);
        continue;
      }
      co_await sleep_for(Milliseconds(20));
    }
    // Everything else (ECONNABORTED, EINTR, network errors: accept(2)) concerns that one connection.
  }
  co_return stream_closed();
}

std::unique_ptr<Stream> SocketListener::stream(Descriptor descriptor, const Address& from) {
  Peer peer;
  if (!unix_path_.empty()) {
    peer.transport = Peer::Transport::unix_socket;
    ucred credentials{};
    socklen_t size = sizeof(credentials);
    if (::getsockopt(descriptor.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0) peer.uid = credentials.uid;
    return std::make_unique<SocketStream>(loop_, std::move(descriptor), std::move(peer));
  }
  const int on = 1;
  ::setsockopt(descriptor.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  peer.address = from.text();
  if (tls_) return accept_tls(loop_, std::move(descriptor), std::move(peer), *tls_);
  return std::make_unique<SocketStream>(loop_, std::move(descriptor), std::move(peer));
}

void SocketListener::close() {
  if (!descriptor_.is_open()) return;
  if (!unix_path_.empty()) ::unlink(unix_path_.c_str());
  boost::system::error_code ignored;
  descriptor_.close(ignored);
}

std::uint16_t SocketListener::port() const {
  Address bound;
  bound.size = sizeof(bound.storage);
  const int descriptor = const_cast<SocketListener*>(this)->descriptor_.native_handle();
  if (::getsockname(descriptor, reinterpret_cast<sockaddr*>(&bound.storage), &bound.size) != 0) return 0;
  if (bound.family() == AF_INET) return ntohs(reinterpret_cast<const sockaddr_in*>(&bound.storage)->sin_port);
  if (bound.family() == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6*>(&bound.storage)->sin6_port);
  return 0;
}

Failure refused(const std::string& where, int number) {
  if (number == EADDRINUSE) {
    return fail(ErrorCode::conflict, "address-in-use", "another process already listens on " + where + "; stop it, or choose another port");
  }
  return fail(ErrorCode::unavailable, "address-refused", "cannot listen on " + where + ": " + error_text(number));
}

Result<Address> address_to_listen_on(const std::string& host, std::uint16_t port) {
  auto found = numeric_addresses(host == "localhost" ? "127.0.0.1" : host, port, true);
  if (!found) return fail(ErrorCode::invalid, "address-invalid", host + " is not an IP address to listen on, nor \"localhost\"");
  // "" finds 0.0.0.0 and ::, of which :: takes both kinds.
  for (const Address& address : *found) {
    if (address.family() == AF_INET6) return address;
  }
  return found->front();
}

Result<Descriptor> bind_tcp(const std::string& host, std::uint16_t port, Share share) {
  const std::string where = host_and_port(host.empty() ? "any address" : host, port);
  auto address = address_to_listen_on(host, port);
  if (!address) return forward(address);
  Descriptor descriptor(::socket(address->family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor.get() < 0 && errno == EAFNOSUPPORT && host.empty()) return bind_tcp("0.0.0.0", port, share);
  if (descriptor.get() < 0) return refused(where, errno);
  const int on = 1;
  const int off = 0;
  ::setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (share == Share::yes) ::setsockopt(descriptor.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on));
  if (address->family() == AF_INET6 && host.empty()) ::setsockopt(descriptor.get(), IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
  if (::bind(descriptor.get(), address->get(), address->size) != 0) return refused(where, errno);
  return descriptor;
}

Result<std::unique_ptr<Listener>> listen(Loop& loop, const std::string& host, std::uint16_t port, std::shared_ptr<TlsServer> tls) {
  auto bound = bind_tcp(host, port, Share::yes);
  if (!bound) return forward(bound);
  if (::listen(bound->get(), kBacklog) != 0) return refused(host_and_port(host, port), errno);
  return std::make_unique<SocketListener>(loop, std::move(*bound), "", std::move(tls));
}

}  // namespace

// Without SO_REUSEPORT a bind fails also when the other socket has it.
Result<void> check_port_free(const std::string& host, std::uint16_t port) {
  auto bound = bind_tcp(host, port, Share::no);
  if (!bound) return forward(bound);
  return {};
}

Result<std::unique_ptr<Listener>> listen_tcp(Loop& loop, const std::string& host, std::uint16_t port) {
  return listen(loop, host, port, nullptr);
}

Result<std::unique_ptr<Listener>> listen_tls(Loop& loop, const std::string& host, std::uint16_t port, std::shared_ptr<TlsServer> tls) {
  return listen(loop, host, port, std::move(tls));
}

Result<std::unique_ptr<Listener>> listen_unix(Loop& loop, const std::string& path) {
  auto address = unix_address(path);
  if (!address) return forward(address);
  struct stat existing {};
  if (::lstat(path.c_str(), &existing) == 0 && S_ISSOCK(existing.st_mode)) ::unlink(path.c_str());
  Descriptor descriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (descriptor.get() < 0) return refused(path, errno);
  // Linux gives the file the mode that the socket has when it is bound.
  if (::fchmod(descriptor.get(), 0600) != 0) return refused(path, errno);
  if (::bind(descriptor.get(), address->get(), address->size) != 0) return refused(path, errno);
  if (::listen(descriptor.get(), kBacklog) != 0) return refused(path, errno);
  return std::make_unique<SocketListener>(loop, std::move(descriptor), path, nullptr);
}

}  // namespace quicklime::async
