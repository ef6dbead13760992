#include "api/failure_limit.hpp"

#include <arpa/inet.h>

#include <array>
#include <string>

namespace quicklime::api {
namespace {

std::string_view without_port(std::string_view address) {
  if (address.starts_with('[')) return address.substr(1, address.find(']') - 1);
  const auto colon = address.find(':');
  const bool one_colon = colon != std::string_view::npos && address.find(':', colon + 1) == std::string_view::npos;
  return one_colon ? address.substr(0, colon) : address;
}

}  // namespace

std::string subscriber(std::string_view address) {
  const std::string host(without_port(address));
  in6_addr six{};
  if (::inet_pton(AF_INET6, host.c_str(), &six) != 1) return host;
  if (IN6_IS_ADDR_V4MAPPED(&six)) {
    std::array<char, INET_ADDRSTRLEN> text{};
    ::inet_ntop(AF_INET, &six.s6_addr[12], text.data(), text.size());
    return text.data();
  }
  constexpr std::size_t kNetwork = 8;
  return {reinterpret_cast<const char*>(six.s6_addr), kNetwork};
}

FailureLimit::FailureLimit(std::uint32_t per_second, metrics::Registry& metrics, CountsPerSecond::MonotonicSeconds seconds)
    : per_second_(per_second),
      counts_(std::move(seconds)),
      failures_(metrics.counter("quicklime_authentication_failures_total", "Requests of nobody we know where somebody was asked for", {})),
      stopped_(metrics.counter("quicklime_authentication_limited_total", "Requests of addresses that had failed too often in this second",
                               {})) {}

bool FailureLimit::stops(std::string_view address) const {
  if (per_second_ == 0 || address.empty()) return false;
  const bool stopped = counts_.of(subscriber(address)) >= per_second_;
  if (stopped) stopped_.add();
  return stopped;
}

void FailureLimit::note_failure(std::string_view address) {
  failures_.add();
  if (per_second_ != 0 && !address.empty()) counts_.add(subscriber(address), per_second_);
}

}  // namespace quicklime::api
