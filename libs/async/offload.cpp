#include "async/offload.hpp"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace quicklime::async {

struct OffloadPool::Implementation {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;
  bool stopping = false;
  std::vector<std::thread> threads;

  void serve() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return stopping || !waiting.empty(); });
      if (stopping) return;
      auto work = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      work();
      work = nullptr;  // what it captured dies here, not under the lock
      lock.lock();
    }
  }
};

OffloadPool::OffloadPool(unsigned threads, const char* name, std::function<void()> first)
    : implementation_(std::make_unique<Implementation>()) {
  for (unsigned i = 0; i < threads; ++i) {
    implementation_->threads.emplace_back([this, name = std::string(name), first] {
      pthread_setname_np(pthread_self(), name.c_str());
      if (first) first();
      implementation_->serve();
    });
  }
}

OffloadPool::~OffloadPool() {
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
  }
  implementation_->changed.notify_all();
  for (auto& thread : implementation_->threads) thread.join();
}

void OffloadPool::post(std::function<void()> work) {
  {
    const std::lock_guard lock(implementation_->mutex);
    implementation_->waiting.push_back(std::move(work));
  }
  implementation_->changed.notify_one();
}

}  // namespace quicklime::async
