#pragma once
// How often an address may fail to say who it is. Whoever guesses is stopped before anything is looked up for him; nobody else is
// kept out, unless he shares the guesser's address, or by chance its place (api/counts_per_second.hpp).

#include <cstdint>
#include <string_view>

#include "api/counts_per_second.hpp"
#include "base/metrics.hpp"

namespace quicklime::api {

// Whose address it is: its octets without the port, an IPv6 network of 64 bits being one; the text itself where it is no address.
std::string subscriber(std::string_view address);

// One per process, in fixed memory. Any thread.
class FailureLimit {
 public:
  // Of one address, an IPv6 network of 64 bits being one: so many failures in each second; 0: any number. seconds: a monotonic clock.
  FailureLimit(std::uint32_t per_second, metrics::Registry& metrics, CountsPerSecond::MonotonicSeconds seconds = {});

  // address: "192.0.2.1", "192.0.2.1:51234", "[2001:db8::1]:51234"; "" (the control socket) is never stopped.
  bool stops(std::string_view address) const;
  void note_failure(std::string_view address);

 private:
  const std::uint32_t per_second_;
  CountsPerSecond counts_;
  metrics::Counter& failures_;
  metrics::Counter& stopped_;
};

}  // namespace quicklime::api
