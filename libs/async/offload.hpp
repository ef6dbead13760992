#pragma once
// Threads for what blocks or burns: RSA, Argon2, PKCS#11, LDAP, blocking questions to a broker.

#include <functional>
#include <memory>

#include "async/completion.hpp"
#include "async/task.hpp"

namespace quicklime::async {

// Joins its threads when destroyed, after the work at hand; what still waits is dropped and its
// completions never come, so destroy it after the loops.
class OffloadPool {
 public:
  explicit OffloadPool(unsigned threads);
  ~OffloadPool();
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;

  void post(std::function<void()> work);  // any thread

  // Runs on a pool thread; the coroutine goes on on its own loop. work() must return a value.
  template <class Work>
  auto run(Work work) -> Task<decltype(work())> {
    Completion<decltype(work())> done;
    post([done, work = std::move(work)]() mutable { done.complete(work()); });
    co_return co_await done.wait();
  }

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::async
