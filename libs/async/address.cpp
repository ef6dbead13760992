#include "async/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>
#include <thread>
#include <utility>

#include "async/completion.hpp"

namespace quicklime::async {
namespace {

Result<std::vector<Address>> look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int outcome = ::getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(), &hints, &list);
  if (outcome != 0)
    return fail(ErrorCode::unavailable, "name-unknown", "cannot find the address of " + host + ": " + gai_strerror(outcome));
  std::vector<Address> addresses;
  for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
    Address address;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(list);
  return addresses;
}

}  // namespace

std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool brackets = host.find(':') != std::string::npos;
  return (brackets ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> host{};
  if (family() == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
    ::inet_ntop(AF_INET, &v4->sin_addr, host.data(), host.size());
    return host_and_port(host.data(), ntohs(v4->sin_port));
  }
  if (family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
      ::inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], host.data(), host.size());
    } else {
      ::inet_ntop(AF_INET6, &v6->sin6_addr, host.data(), host.size());
    }
    return host_and_port(host.data(), ntohs(v6->sin6_port));
  }
  return {};
}

Result<std::vector<Address>> numeric_addresses(const std::string& host, std::uint16_t port, bool passive) {
  return look_up(host, port, AI_NUMERICHOST | (passive ? AI_PASSIVE : 0));
}

Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline) {
  if (auto numeric = numeric_addresses(host, port, false)) co_return numeric;
  const Completion<Result<std::vector<Address>>> done;
  // Detached: when the resolver is slower than the deadline, its answer goes nowhere.
  std::thread([done, host, port] { done.complete(look_up(host, port, AI_ADDRCONFIG)); }).detach();
  const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
  auto answer = co_await done.wait_for(left);
  if (!answer) co_return fail(ErrorCode::unavailable, "stream-deadline", "looking up the address of " + host + " took too long");
  co_return std::move(*answer);
}

Result<Address> unix_address(const std::string& path) {
  Address address;
  auto* name = reinterpret_cast<sockaddr_un*>(&address.storage);
  if (path.size() >= sizeof(name->sun_path)) {
    return fail(ErrorCode::invalid, "socket-path-too-long",
                path + " is longer than the " + std::to_string(sizeof(name->sun_path) - 1) +
                    " characters that a socket's path may have; choose a directory with a shorter name");
  }
  name->sun_family = AF_UNIX;
  std::memcpy(name->sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof(sockaddr_un);
  return address;
}

}  // namespace quicklime::async
