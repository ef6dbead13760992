#pragma once
// How often each of many was counted in this second, in fixed memory: what limits of requests are made of.

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <string_view>

namespace quicklime::api {

// Any thread.
class CountsPerSecond {
 public:
  static constexpr std::uint32_t kMost = 65'535;  // that can be counted
  using MonotonicSeconds = std::function<std::uint64_t()>;
  explicit CountsPerSecond(MonotonicSeconds seconds = {});  // of the steady clock

  std::uint32_t of(std::string_view key) const;
  // One more, where there are fewer than at_most; false: there are not.
  bool add(std::string_view key, std::uint32_t at_most);

 private:
  // Keys that are hashed to one place share its count: which do is not known outside, so nobody can choose whom to keep out.
  static constexpr std::size_t kPlaces = 4096;
  struct Place {
    std::atomic<std::uint64_t> second_and_count{0};  // the second in the upper 48 bits
  };
  std::size_t place_of(std::string_view key) const;

  const std::uint64_t seed_;
  const MonotonicSeconds seconds_;
  std::array<Place, kPlaces> places_;
};

}  // namespace quicklime::api
