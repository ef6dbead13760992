#pragma once
// How many log lines of one kind pass: strangers can cause as many as they like, and the disk is ours.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicklime::log {

// Not synchronized: its owner is. Times never go back.
class Throttle {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr std::uint64_t kLines = 10;  // of one kind, in ...
  static constexpr std::chrono::seconds kWindow{10};

  // Whether a line of this kind passes now. What does not is counted.
  bool passes(std::string_view kind, Time now);

  struct HeldBack {
    std::string kind;
    std::uint64_t count;
  };
  // Of windows that are over, each once.
  std::vector<HeldBack> held_back(Time now);

 private:
  struct Window {
    Time begun;
    std::uint64_t lines = 0;
  };
  static constexpr std::size_t kMaximumKinds = 1'000;
  std::map<std::string, Window, std::less<>> windows_;
  Time next_look_{};
};

}  // namespace quicklime::log
