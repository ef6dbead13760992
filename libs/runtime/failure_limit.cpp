#include "runtime/failure_limit.hpp"

#include <arpa/inet.h>

#include <chrono>
#include <cstring>

#include "crypto/random.hpp"

namespace quicklime::runtime {
namespace {

constexpr unsigned kCountBits = 16;
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;

std::uint64_t steady_seconds() {
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now().time_since_epoch()).count());
}

std::uint64_t random_seed() {
  const std::string bytes = crypto::random_bytes(sizeof(std::uint64_t));
  std::uint64_t seed = 0;
  std::memcpy(&seed, bytes.data(), sizeof(seed));
  return seed;
}

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

FailureLimit::FailureLimit(std::uint32_t per_second, metrics::Registry& metrics, MonotonicSeconds seconds)
    : per_second_(per_second),
      seed_(random_seed()),
      seconds_(seconds ? std::move(seconds) : steady_seconds),
      failures_(metrics.counter("quicklime_authentication_failures_total", "Requests of nobody we know where somebody was asked for", {})),
      stopped_(metrics.counter("quicklime_authentication_limited_total", "Requests of addresses that had failed too often in this second",
                               {})) {}

std::size_t FailureLimit::place_of(std::string_view address) const {
  std::string keyed(reinterpret_cast<const char*>(&seed_), sizeof(seed_));
  keyed += subscriber(address);
  return std::hash<std::string>()(keyed) % kPlaces;
}

bool FailureLimit::stops(std::string_view address) const {
  if (per_second_ == 0 || address.empty()) return false;
  const std::uint64_t known = places_[place_of(address)].second_and_count.load(std::memory_order_relaxed);
  const bool stopped = known >> kCountBits == seconds_() && (known & kCountMask) >= per_second_;
  if (stopped) stopped_.add();
  return stopped;
}

void FailureLimit::note_failure(std::string_view address) {
  failures_.add();
  if (per_second_ == 0 || address.empty()) return;
  auto& place = places_[place_of(address)].second_and_count;
  const std::uint64_t second = seconds_();
  std::uint64_t known = place.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t count = known >> kCountBits == second ? known & kCountMask : 0;
    if (count >= per_second_) return;
    if (place.compare_exchange_weak(known, second << kCountBits | (count + 1), std::memory_order_relaxed)) return;
  }
}

}  // namespace quicklime::runtime
