#pragma once
// A value that arrives later, from any thread: the one bridge from writer threads, projection
// threads, the offload pool and librdkafka's queues into coroutines.

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "async/task.hpp"

namespace quicklime::async {

// A handle (copies share the state). T is copied to each waiter; a T that cannot be copied is moved to the only one.
template <class T>
class Completion {
 public:
  Completion();

  // The first value counts, later ones are ignored. Any thread; never resumes a waiter inside the
  // call: each goes on on its own loop.
  void complete(T value) const;
  bool completed() const;

  // Any number of waiters, before or after the value is there.
  Task<T> wait() const;
  // nullopt when the time is over first; the value may still come.
  Task<std::optional<T>> wait_for(Milliseconds duration) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace quicklime::async

#include "async/completion_impl.hpp"
