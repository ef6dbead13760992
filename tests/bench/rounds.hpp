#pragma once
// Rounds of measurement: both sides in one program, interleaved; a round that other load disturbed does not count.

#include <time.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <optional>
#include <vector>

namespace quicklime::bench {

inline double seconds(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A thread that had the processor for less of the time than this was disturbed.
inline constexpr double kUndisturbed = 0.95;

// Runs rounds until `wanted` of them count, or five times as many were tried. A round returns its ratio, or nothing
// when it was disturbed. The median; the ratios stand in the output beside it.
inline std::optional<double> median_of_rounds(std::size_t wanted, const std::function<std::optional<double>()>& round) {
  std::vector<double> ratios;
  std::size_t tried = 0;
  while (ratios.size() < wanted && tried < wanted * 5) {
    ++tried;
    if (const auto ratio = round()) ratios.push_back(*ratio);
    std::fflush(stdout);
  }
  if (ratios.size() < wanted) {
    std::printf("disturbed: only %zu of %zu rounds count; try again on a quiet machine\n", ratios.size(), tried);
    return std::nullopt;
  }
  std::sort(ratios.begin(), ratios.end());
  std::printf("%zu rounds (%zu disturbed and repeated), ratios %.3f to %.3f\n", wanted, tried - wanted, ratios.front(), ratios.back());
  return ratios[ratios.size() / 2];
}

}  // namespace quicklime::bench
