#pragma once
// One T for each thread that asks: how read-only connections are spread over threads.

#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/result.hpp"

namespace quicklime::sqlite {

// Unlike thread_local, all of them end with their owner, so that a file has no connection left
// when its owner says it is closed. Destroy it when no thread uses one any more.
template <class T>
class PerThread {
 public:
  // The calling thread's T; made by make() -> Result<T> on first use.
  template <class Make>
  Result<T*> get(Make make) {
    {
      std::lock_guard lock(mutex_);
      if (const auto found = of_thread_.find(std::this_thread::get_id()); found != of_thread_.end()) return found->second.get();
    }
    Result<T> made = make();
    if (!made) return forward(made);
    auto kept = std::make_unique<T>(std::move(*made));
    T* const result = kept.get();
    std::lock_guard lock(mutex_);
    of_thread_[std::this_thread::get_id()] = std::move(kept);
    return result;
  }

  // The calling thread's T ends; the next get makes another.
  void drop() {
    std::unique_ptr<T> dropped;
    std::lock_guard lock(mutex_);
    if (const auto found = of_thread_.find(std::this_thread::get_id()); found != of_thread_.end()) {
      dropped = std::move(found->second);
      of_thread_.erase(found);
    }
  }

 private:
  std::mutex mutex_;
  std::unordered_map<std::thread::id, std::unique_ptr<T>> of_thread_;
};

}  // namespace quicklime::sqlite
