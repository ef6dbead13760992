#include "runtime/progress.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>

#include "base/instant.hpp"

namespace quicklime::runtime {
namespace {

constexpr std::int64_t kShowAfterMilliseconds = 300;
constexpr std::uint64_t kBarWidth = 40;

std::int64_t steady_milliseconds() {
  return std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Progress::Progress(std::string what) : what_(std::move(what)), terminal_(::isatty(STDERR_FILENO) == 1), begun_(steady_milliseconds()) {}

void Progress::show(std::uint64_t done, std::uint64_t all) {
  if (!terminal_ || all == 0 || steady_milliseconds() - begun_ < kShowAfterMilliseconds) return;
  shown_ = true;
  const std::uint64_t filled = std::min(kBarWidth, done * kBarWidth / all);
  std::fprintf(stderr, "\r%s [%s%s] %llu of %llu", what_.c_str(), std::string(filled, '#').c_str(),
               std::string(kBarWidth - filled, '.').c_str(), static_cast<unsigned long long>(done), static_cast<unsigned long long>(all));
  std::fflush(stderr);
}

void Progress::end() {
  if (shown_) std::fprintf(stderr, "\r\033[K");
  shown_ = false;
}

}  // namespace quicklime::runtime
