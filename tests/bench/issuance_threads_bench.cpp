// Performance row 8: certificates a second by two threads against one.
#include <atomic>
#include <thread>

#include "issuance.hpp"
#include "rounds.hpp"

namespace {
using namespace quicklime;

constexpr std::size_t kCount = 4000;
constexpr double kTarget = 1.85;

struct Measured {
  double seconds_each;  // wall time for kCount certificates of each thread
  bool undisturbed;
};

Measured run(const bench::Issuance& issuance, std::size_t threads) {
  std::atomic<std::size_t> ready{0};
  std::atomic<bool> disturbed{false};
  std::vector<double> times(threads);
  std::vector<std::thread> running;
  for (std::size_t t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      for (std::size_t i = 0; i < 32; ++i) (void)issuance.issue(i);  // contexts of this thread
      ++ready;
      while (ready < threads) {
      }
      const double wall = bench::seconds(CLOCK_MONOTONIC);
      const double cpu = bench::seconds(CLOCK_THREAD_CPUTIME_ID);
      for (std::size_t i = 0; i < kCount; ++i) (void)issuance.issue(i + t);
      times[t] = bench::seconds(CLOCK_MONOTONIC) - wall;
      if ((bench::seconds(CLOCK_THREAD_CPUTIME_ID) - cpu) / times[t] < bench::kUndisturbed) disturbed = true;
    });
  }
  for (std::thread& thread : running) thread.join();
  return {*std::max_element(times.begin(), times.end()), !disturbed};
}
}  // namespace

int main() {
  const bench::Issuance issuance;
  const auto round = [&]() -> std::optional<double> {
    const Measured before = run(issuance, 1);
    const Measured two = run(issuance, 2);
    const Measured after = run(issuance, 1);
    const double one = (before.seconds_each + after.seconds_each) / 2;
    const double ratio = 2 * one / two.seconds_each;
    const bool counts = before.undisturbed && two.undisturbed && after.undisturbed;
    std::printf("one thread %.0f/s, two threads %.0f/s, ratio %.3f%s\n", kCount / one, 2 * kCount / two.seconds_each, ratio,
                counts ? "" : " (disturbed)");
    return counts ? std::optional(ratio) : std::nullopt;
  };
  const auto ratio = bench::median_of_rounds(5, round);
  if (!ratio) return 2;
  std::printf("issuance by two threads ratio %.3f target >= %.2f\n", *ratio, kTarget);
  return *ratio >= kTarget ? 0 : 1;
}
