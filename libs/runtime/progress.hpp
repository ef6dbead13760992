#pragma once
// How far something is that takes its time, for people who wait at a terminal.

#include <cstdint>
#include <string>

namespace quicklime::runtime {

// A bar on a terminal's standard error; nothing elsewhere, and nothing in the first 300 ms. One thread.
class Progress {
 public:
  explicit Progress(std::string what);
  void show(std::uint64_t done, std::uint64_t all);  // in any unit, the same for both
  void end();                                        // removes the bar

 private:
  std::string what_;
  bool terminal_;
  bool shown_ = false;
  std::int64_t begun_;
};

}  // namespace quicklime::runtime
