#include "identity/watched_socket.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <future>
#include <system_error>
#include <utility>
#include <vector>

namespace quicklime::identity {
namespace {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
};
using Addresses = Result<std::vector<SocketAddress>>;

Failure not_connected(const std::string& host, std::uint16_t port, const std::string& why) {
  return fail(ErrorCode::unavailable, "directory-unreachable", "cannot connect to " + host + ":" + std::to_string(port) + ": " + why);
}

Addresses addresses_of(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int outcome = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (outcome != 0) return not_connected(host, port, gai_strerror(outcome));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  return addresses;
}

// The system's resolver knows no deadline: it is asked on a thread of its own, and what it says too late goes nowhere.
Addresses resolved(const std::string& host, std::uint16_t port, WatchedSocket::Deadline deadline) {
  if (auto numeric = addresses_of(host, port, AI_NUMERICHOST)) return numeric;
  auto promise = std::make_shared<std::promise<Addresses>>();
  auto answer = promise->get_future();
  std::thread([promise, host, port] { promise->set_value(addresses_of(host, port, AI_ADDRCONFIG)); }).detach();
  if (answer.wait_until(deadline) != std::future_status::ready) return not_connected(host, port, "looking up its address took too long");
  return answer.get();
}

std::string error_words(int error) { return std::generic_category().message(error); }

// 0, or the error.
int connect_until(int descriptor, const SocketAddress& address, WatchedSocket::Deadline deadline) {
  if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return ETIMEDOUT;
    pollfd waiting{descriptor, POLLOUT, 0};
    const int ready = ::poll(&waiting, 1, static_cast<int>(left));
    if (ready < 0 && errno != EINTR) return errno;
    if (ready <= 0) continue;
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
    return error;
  }
}

}  // namespace

Result<std::unique_ptr<WatchedSocket>> WatchedSocket::connect(const std::string& host, std::uint16_t port, Deadline deadline) {
  const auto addresses = resolved(host, port, deadline);
  if (!addresses) return forward(addresses);
  int error = EADDRNOTAVAIL;
  for (const SocketAddress& address : *addresses) {
    const int descriptor = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) {
      error = errno;
      continue;
    }
    error = connect_until(descriptor, address, deadline);
    if (error == 0) {
      const int on = 1;
      ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) & ~O_NONBLOCK);
      return std::make_unique<WatchedSocket>(descriptor, deadline);
    }
    ::close(descriptor);
  }
  return not_connected(host, port, error_words(error));
}

WatchedSocket::WatchedSocket(int descriptor, Deadline deadline)
    : descriptor_(descriptor), watchdog_([this, deadline] { watch(deadline); }) {}

WatchedSocket::~WatchedSocket() {
  {
    const std::lock_guard lock(mutex_);
    over_ = true;
  }
  changed_.notify_one();
  watchdog_.join();
  ::close(descriptor_);
}

int WatchedSocket::lend() const { return ::fcntl(descriptor_, F_DUPFD_CLOEXEC, 0); }

void WatchedSocket::watch(Deadline deadline) {
  std::unique_lock lock(mutex_);
  if (changed_.wait_until(lock, deadline, [this] { return over_; })) return;
  cut_ = true;
  ::shutdown(descriptor_, SHUT_RDWR);  // wakes whoever waits on any descriptor of it
}

}  // namespace quicklime::identity
