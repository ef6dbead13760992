#include "async/completion.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "async/loop.hpp"

namespace quicklime::async::detail {

// The coroutine waits on a timer of its own loop, and so is destroyed with that loop; a
// completion only holds this record. `timer` is touched on the loop's thread alone.
class Waiter {
 public:
  Waiter(std::shared_ptr<Inbox> inbox, Timer& timer) : inbox_(std::move(inbox)), timer_(&timer) {}

  // Any thread. The timer is cancelled in a later turn of the loop, so after the coroutine began to wait for it.
  static void wake(const std::shared_ptr<Waiter>& waiter) {
    waiter->inbox_->push([waiter] {
      if (waiter->timer_ != nullptr) waiter->timer_->cancel();
    });
  }
  void forget_timer() { timer_ = nullptr; }

 private:
  std::shared_ptr<Inbox> inbox_;
  Timer* timer_;
};

namespace {

// Takes the waiter back however its coroutine ends.
struct Registration {
  CompletionBase& state;
  std::shared_ptr<Waiter> waiter;

  ~Registration() {
    waiter->forget_timer();
    const std::lock_guard lock(state.mutex);
    std::erase(state.waiters, waiter);
  }
};

}  // namespace

void CompletionBase::wake(const std::vector<std::shared_ptr<Waiter>>& waiters) {
  for (const auto& waiter : waiters) Waiter::wake(waiter);
}

Task<bool> CompletionBase::wait(std::shared_ptr<CompletionBase> state, std::optional<SteadyClock::time_point> until) {
  Loop::Implementation& loop = Loop::Implementation::current();
  Timer timer(loop.context, until.value_or(SteadyClock::time_point::max()));
  const auto waiter = std::make_shared<Waiter>(loop.inbox, timer);
  {
    const std::lock_guard lock(state->mutex);
    if (state->done) co_return true;
    state->waiters.push_back(waiter);
  }
  const Registration registration(*state, waiter);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  const std::lock_guard lock(state->mutex);
  co_return state->done;
}

}  // namespace quicklime::async::detail
