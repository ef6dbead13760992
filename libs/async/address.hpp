#pragma once
// Internal: socket addresses as values.

#include <netdb.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"

namespace quicklime::async {

struct Address {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  int family() const { return storage.ss_family; }
  // "127.0.0.1:51234", "[::1]:51234"; IPv4 as such also when it came through an IPv6 socket; "" for a unix socket.
  std::string text() const;
};

std::string host_and_port(const std::string& host, std::uint16_t port);  // brackets around IPv6

// Numeric only, no questions asked. passive: "" is the address that means any.
Result<std::vector<Address>> numeric_addresses(const std::string& host, std::uint16_t port, bool passive);
// Asks the system's resolver on a thread of its own: getaddrinfo knows no deadline.
Task<Result<std::vector<Address>>> resolve(std::string host, std::uint16_t port, std::chrono::steady_clock::time_point deadline);
Result<Address> unix_address(const std::string& path);

}  // namespace quicklime::async
