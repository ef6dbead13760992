#include "async/task.hpp"

#include <pthread.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdlib>
#include <exception>
#include <utility>

#include "async/loop.hpp"
#include "async/sleep_until.hpp"
#include "base/logging.hpp"

namespace quicklime::async {
namespace {

thread_local Loop::Implementation* current_loop = nullptr;

void end_process_on(std::exception_ptr exception) {
  if (!exception) return;
  try {
    std::rethrow_exception(exception);
  } catch (const std::exception& error) {
    log::error("an exception left a coroutine", {{"what", error.what()}});
  } catch (...) {
    log::error("an exception left a coroutine");
  }
  std::terminate();
}

}  // namespace

void Inbox::push(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  if (context_ == nullptr) return;
  waiting_.push_back(std::move(work));
  // Posted under the lock: after close() nobody touches the context.
  if (waiting_.size() == 1) asio::post(*context_, [this] { run(); });
}

void Inbox::run() {
  std::vector<std::function<void()>> work;
  {
    const std::lock_guard lock(mutex_);
    work.swap(waiting_);
  }
  for (auto& one : work) one();
}

void Inbox::close() {
  std::vector<std::function<void()>> dropped;  // destroyed outside the lock: a destructor may push
  const std::lock_guard lock(mutex_);
  context_ = nullptr;
  dropped.swap(waiting_);
}

Loop::Implementation& Loop::Implementation::current() {
  if (current_loop == nullptr) {
    log::error("a coroutine of libs/async ran outside a loop");
    std::terminate();
  }
  return *current_loop;
}

Loop::Loop() : implementation_(std::make_unique<Implementation>()) {}

Loop::~Loop() { implementation_->inbox->close(); }

void Loop::Implementation::spawn(Task<void> task) { asio::co_spawn(context, std::move(task), end_process_on); }

void Loop::spawn(Task<void> task) { implementation_->spawn(std::move(task)); }

void Loop::post(std::function<void()> work) { implementation_->inbox->push(std::move(work)); }

void Loop::run() {
  Implementation* const outer = std::exchange(current_loop, implementation_.get());
  implementation_->context.run();
  current_loop = outer;
}

void Loop::stop() { implementation_->context.stop(); }

LoopThread::LoopThread(std::string name)
    : thread_([this, name = std::move(name)] {
        pthread_setname_np(pthread_self(), name.substr(0, 15).c_str());  // the kernel keeps 15 characters
        loop_.run();
      }) {}

LoopThread::~LoopThread() {
  loop_.stop();
  thread_.join();
}

Task<void> sleep_for(Milliseconds duration) {
  Timer timer(Loop::Implementation::current().context, duration);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<void> sleep_until(std::chrono::steady_clock::time_point time) {
  Timer timer(Loop::Implementation::current().context, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

Task<void> yield() { co_await asio::post(Loop::Implementation::current().context, asio::use_awaitable); }

}  // namespace quicklime::async
