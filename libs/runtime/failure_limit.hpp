#pragma once
// How often an address may fail to say who it is. Whoever guesses is stopped before anything is looked up for him; nobody else is
// kept out, unless he shares the guesser's address, or by chance its place (below).

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/metrics.hpp"

namespace quicklime::runtime {

// Whose address it is: its octets without the port, an IPv6 network of 64 bits being one; the text itself where it is no address.
std::string subscriber(std::string_view address);

// One per process, in fixed memory. Any thread.
class FailureLimit {
 public:
  // Of one address, an IPv6 network of 64 bits being one: so many failures in each second; 0: any number. seconds: a monotonic clock.
  using MonotonicSeconds = std::function<std::uint64_t()>;
  FailureLimit(std::uint32_t per_second, metrics::Registry& metrics, MonotonicSeconds seconds = {});

  // address: "192.0.2.1", "192.0.2.1:51234", "[2001:db8::1]:51234"; "" (the control socket) is never stopped.
  bool stops(std::string_view address) const;
  void note_failure(std::string_view address);

 private:
  // Addresses that are hashed to one place share its count: which do is not known outside, so nobody can choose whom to keep out.
  static constexpr std::size_t kPlaces = 4096;
  struct Place {
    std::atomic<std::uint64_t> second_and_count{0};  // the second in the upper 48 bits
  };
  std::size_t place_of(std::string_view address) const;

  const std::uint32_t per_second_;
  const std::uint64_t seed_;
  const MonotonicSeconds seconds_;
  metrics::Counter& failures_;
  metrics::Counter& stopped_;
  std::array<Place, kPlaces> places_;
};

}  // namespace quicklime::runtime
