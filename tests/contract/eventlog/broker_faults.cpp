#include "broker_faults.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <list>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace broker_faults {
namespace {

using std::chrono::steady_clock;

constexpr int kProduce = 0;  // Kafka's number of this request

std::atomic<int> broker_port{0};
std::atomic<int> proxy_port{0};
std::atomic<bool> writes_held{false};
std::atomic<bool> acknowledgement_lost{false};
std::atomic<steady_clock::rep> cut_until{0};

bool before(const std::atomic<steady_clock::rep>& until) { return steady_clock::now().time_since_epoch().count() < until; }

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

int connect_really(int descriptor, const sockaddr* address, socklen_t size) {
  return static_cast<int>(::syscall(SYS_connect, descriptor, address, size));
}

std::uint32_t number_at(const std::string& bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// One connection: what came from each side and has not been passed on.
struct Pair {
  int client;
  int broker;
  std::string requests{};
  std::string answers{};
  bool mute = false;
  std::map<std::uint32_t, bool> writes{};  // by correlation id: is it a produce request?

  // The size of the whole frame at the front, or 0.
  static std::size_t frame(const std::string& bytes) {
    if (bytes.size() < 12) return 0;
    const std::size_t size = 4 + number_at(bytes, 0, 4);
    return bytes.size() < size ? 0 : size;
  }
  static bool pass(std::string& bytes, std::size_t size, int to) {
    for (std::size_t sent = 0; sent < size;) {
      const auto now = ::send(to, bytes.data() + sent, size - sent, MSG_NOSIGNAL);
      if (now <= 0) return false;
      sent += static_cast<std::size_t>(now);
    }
    bytes.erase(0, size);
    return true;
  }

  // False: the connection is over.
  bool pass_requests() {
    while (const std::size_t size = frame(requests)) {
      const bool write = number_at(requests, 4, 2) == kProduce;
      if (write && writes_held) return true;
      writes[number_at(requests, 8, 4)] = write;
      if (!pass(requests, size, broker)) return false;
    }
    return true;
  }
  bool pass_answers() {
    while (const std::size_t size = frame(answers)) {
      const auto id = number_at(answers, 4, 4);
      if (writes[id] && acknowledgement_lost.exchange(false)) mute = true;
      if (mute) return true;
      writes.erase(id);
      if (!pass(answers, size, client)) return false;
    }
    return true;
  }
  static bool take(int from, std::string& into) {
    char bytes[65536];
    const auto size = ::recv(from, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size > 0) into.append(bytes, static_cast<std::size_t>(size));
    return size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR));
  }
  bool turn(short client_ready, short broker_ready) {
    if (client_ready != 0 && !take(client, requests)) return false;
    if (broker_ready != 0 && !take(broker, answers)) return false;
    return pass_requests() && pass_answers();
  }
  void close() const {
    ::close(client);
    ::close(broker);
  }
};

void accept_one(int listener, std::list<Pair>& pairs) {
  const int client = ::accept(listener, nullptr, nullptr);
  if (client < 0) return;
  const int broker = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = loopback(broker_port);
  if (before(cut_until) || connect_really(broker, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    ::close(broker);
    ::close(client);
    return;
  }
  const int on = 1;
  for (const int descriptor : {client, broker}) ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  pairs.push_back(Pair{client, broker});
}

void run(int listener) {
  std::list<Pair> pairs;
  for (;;) {
    std::vector<pollfd> watched{{listener, POLLIN, 0}};
    for (const Pair& pair : pairs) {
      watched.push_back({pair.client, POLLIN, 0});
      watched.push_back({pair.broker, POLLIN, 0});
    }
    ::poll(watched.data(), watched.size(), 5);  // and what was held back may go on
    auto pair = pairs.begin();
    for (std::size_t i = 1; i < watched.size(); i += 2) {
      if (!before(cut_until) && pair->turn(watched[i].revents, watched[i + 1].revents)) {
        ++pair;
      } else {
        pair->close();
        pair = pairs.erase(pair);
      }
    }
    if (watched[0].revents != 0) accept_one(listener, pairs);
  }
}

steady_clock::rep after(quicklime::Milliseconds duration) { return (steady_clock::now() + duration).time_since_epoch().count(); }

}  // namespace

void lead_through(int port) {
  if (broker_port.exchange(port) == port) return;
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  ::bind(listener, reinterpret_cast<const sockaddr*>(&address), size);
  ::listen(listener, 64);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  proxy_port = ntohs(address.sin_port);
  std::thread(run, listener).detach();  // as long as the process
}

void hold_writes(bool hold) { writes_held = hold; }
void lose_next_acknowledgement() { acknowledgement_lost = true; }
void cut(quicklime::Milliseconds duration) { cut_until = after(duration); }

}  // namespace broker_faults

// In the place of the C library's, for librdkafka, too.
extern "C" int connect(int descriptor, const sockaddr* address, socklen_t size) {
  using namespace broker_faults;
  if (address->sa_family == AF_INET && proxy_port != 0) {
    const auto* wanted = reinterpret_cast<const sockaddr_in*>(address);
    if (ntohs(wanted->sin_port) == broker_port) {
      const auto proxy = loopback(proxy_port);
      return connect_really(descriptor, reinterpret_cast<const sockaddr*>(&proxy), sizeof proxy);
    }
  }
  return connect_really(descriptor, address, size);
}
