#pragma once
// Tells readers of this process that the writer committed. Of this library only.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace quicklime::eventlog {

class Arrivals {
 public:
  std::uint64_t count() {
    std::lock_guard lock(mutex_);
    return count_;
  }
  void announce() {
    {
      std::lock_guard lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }
  // Until something is announced that is not among `seen`, the reader is woken, or the time is over.
  void wait(std::uint64_t seen, const bool& woken, std::chrono::steady_clock::time_point until) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, until, [&] { return count_ != seen || woken; });
  }
  // A reader's flag; only touched here.
  void wake(bool& woken) {
    {
      std::lock_guard lock(mutex_);
      woken = true;
    }
    changed_.notify_all();
  }
  bool take(bool& woken) {
    std::lock_guard lock(mutex_);
    return std::exchange(woken, false);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;
};

}  // namespace quicklime::eventlog
