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
  // name: of its threads, at most 15 characters. first: what each of them does before anything else, such as opening its files.
  explicit OffloadPool(unsigned threads, const char* name = "offload", std::function<void()> first = nullptr);
  ~OffloadPool();
  OffloadPool(const OffloadPool&) = delete;
  OffloadPool& operator=(const OffloadPool&) = delete;

  void post(std::function<void()> work);  // any thread

  // Runs on a pool thread; the coroutine goes on on its own loop. work must be copyable (a std::function
  // holds it) and return a value; what it throws is thrown to the caller. What it refers to must outlive
  // it: a coroutine destroyed with its loop does not stop the work.
  template <class Work>
  auto run(Work work) -> Task<decltype(work())> {
    using Outcome = detail::Outcome<decltype(work())>;
    Completion<Outcome> done;
    post([done, work = std::move(work)]() mutable {
      Outcome outcome;
      try {
        outcome.value.emplace(work());
      } catch (...) {
        outcome.exception = std::current_exception();
      }
      done.complete(std::move(outcome));
    });
    Outcome outcome = co_await done.wait();
    if (outcome.exception) std::rethrow_exception(outcome.exception);
    co_return std::move(*outcome.value);
  }

 private:
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace quicklime::async
