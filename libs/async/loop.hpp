#pragma once
// Internal: what a Loop is made of. Seen by the sources of libs/async only.

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "async/stream.hpp"
#include "async/task.hpp"

namespace quicklime::async {

namespace asio = boost::asio;
using Executor = asio::io_context::executor_type;
using SteadyClock = std::chrono::steady_clock;
using Timer = asio::basic_waitable_timer<SteadyClock, asio::wait_traits<SteadyClock>, Executor>;

// How other threads reach a loop. Outlives it: a completion may hold one long after its waiter's
// loop is gone, and what it pushes then is dropped. Many pushes between two turns cost one wake-up.
class Inbox {
 public:
  explicit Inbox(asio::io_context& context) : context_(&context) {}
  void push(std::function<void()> work);  // any thread
  void close();                           // the loop is about to be destroyed

 private:
  void run();

  std::mutex mutex_;
  asio::io_context* context_;  // nullptr: closed
  std::vector<std::function<void()>> waiting_;
};

struct Loop::Implementation {
  asio::io_context context{1};  // one thread runs it; posting stays safe from any
  asio::executor_work_guard<Executor> work{context.get_executor()};
  std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>(context);

  struct Parked {
    std::unique_ptr<Stream> stream;
    SteadyClock::time_point since;
  };
  std::multimap<std::string, Parked> parked;          // destroyed before the context
  std::map<std::string, std::shared_ptr<void>> kept;  // as well

  void spawn(Task<void> task);

  // The loop that this thread runs; coroutines ask for nothing else.
  static Implementation& current();
};

}  // namespace quicklime::async
