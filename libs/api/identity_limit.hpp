#pragma once
// How often somebody whom we know may ask: each identity as often as any other, so that one that runs wild leaves room for the rest.

#include <cstdint>
#include <optional>
#include <string>

#include "api/counts_per_second.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "events/event.hpp"

namespace quicklime::api {

// One per process, in fixed memory. Any thread.
class IdentityLimit {
 public:
  // A front end counts by the requester for whom it acts, and in all as so many requesters: whoever names another one in each request has
  // no more.
  static constexpr std::uint32_t kRequestersOfOne = 16;

  // So many requests of each in each second; 0: any number. seconds: a monotonic clock.
  IdentityLimit(std::uint32_t per_second, metrics::Registry& metrics, CountsPerSecond::MonotonicSeconds seconds = {});

  // Counts one more. "identity-limited" (429). Of the control socket any number: who is there owns the machine.
  Result<void> admit(const events::Actor& who, const std::optional<std::string>& on_behalf_of);

 private:
  const std::uint32_t per_second_;
  CountsPerSecond counts_;
  CountsPerSecond of_front_ends_;  // by themselves: their larger numbers would fill the places of others
  metrics::Counter& stopped_;
};

}  // namespace quicklime::api
