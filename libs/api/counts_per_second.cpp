#include "api/counts_per_second.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string>

#include "crypto/random.hpp"

namespace quicklime::api {
namespace {

constexpr unsigned kCountBits = 16;
constexpr std::uint64_t kCountMask = (std::uint64_t{1} << kCountBits) - 1;
static_assert(CountsPerSecond::kMost == kCountMask);

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

std::uint64_t count_in(std::uint64_t place, std::uint64_t second) { return place >> kCountBits == second ? place & kCountMask : 0; }

}  // namespace

CountsPerSecond::CountsPerSecond(MonotonicSeconds seconds)
    : seed_(random_seed()), seconds_(seconds ? std::move(seconds) : steady_seconds) {}

std::size_t CountsPerSecond::place_of(std::string_view key) const {
  std::string keyed(reinterpret_cast<const char*>(&seed_), sizeof(seed_));
  keyed += key;
  return std::hash<std::string>()(keyed) % kPlaces;
}

std::uint32_t CountsPerSecond::of(std::string_view key) const {
  return static_cast<std::uint32_t>(count_in(places_[place_of(key)].second_and_count.load(std::memory_order_relaxed), seconds_()));
}

bool CountsPerSecond::add(std::string_view key, std::uint32_t at_most) {
  auto& place = places_[place_of(key)].second_and_count;
  const std::uint64_t second = seconds_();
  std::uint64_t known = place.load(std::memory_order_relaxed);
  for (;;) {
    const std::uint64_t count = count_in(known, second);
    if (count >= std::min(at_most, kMost)) return false;
    if (place.compare_exchange_weak(known, second << kCountBits | (count + 1), std::memory_order_relaxed)) return true;
  }
}

}  // namespace quicklime::api
