#pragma once
// Coroutines and the event loops they run on.

#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <thread>

#include "base/instant.hpp"

namespace quicklime::async {

// A coroutine that runs on a loop and goes on there after each co_await. Errors travel as
// Result<T> inside it; an exception that leaves a task is a programming error.
template <class T = void>
using Task = boost::asio::awaitable<T>;

// One event loop. Everything spawned on it runs on the one thread that runs it, so what only its
// coroutines touch needs no lock.
class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Starts a coroutine on this loop. Any thread. An exception that leaves it ends the process.
  void spawn(Task<void> task);
  void post(std::function<void()> work);  // any thread
  void run();                             // until stop(), even when there is nothing to do
  void stop();                            // any thread; what is suspended is destroyed with the loop

  struct Implementation;  // asio::io_context, for this library
  Implementation& implementation() { return *implementation_; }

 private:
  std::unique_ptr<Implementation> implementation_;
};

// A thread that runs a loop; stops and joins when destroyed.
class LoopThread {
 public:
  explicit LoopThread(std::string name);
  ~LoopThread();
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
  std::thread thread_;
};

// Runs a task on a loop of its own, on this thread, and returns its value. For the command line
// and tests; never from a coroutine.
template <class T>
T run_to_end(Task<T> task);

Task<void> sleep_for(Milliseconds duration);
// Goes on in a later turn of the loop, so that one long answer does not hold up the others.
Task<void> yield();

}  // namespace quicklime::async

#include "async/task_impl.hpp"
