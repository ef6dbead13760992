#pragma once
// Internal: templates of async/completion.hpp.

#include <chrono>
#include <type_traits>
#include <utility>

namespace quicklime::async {
namespace detail {

// A suspended coroutine, as a completion knows it: lives on after its loop, harmless.
class Waiter;

// What does not depend on the type of the value.
struct CompletionBase {
  mutable std::mutex mutex;
  bool done = false;
  std::vector<std::shared_ptr<Waiter>> waiters;

  static void wake(const std::vector<std::shared_ptr<Waiter>>& waiters);
  // true when done, false when the time came first (nullopt: never). Keeps the state alive.
  static Task<bool> wait(std::shared_ptr<CompletionBase> state, std::optional<std::chrono::steady_clock::time_point> until);
};

}  // namespace detail

template <class T>
struct Completion<T>::State : detail::CompletionBase {
  std::optional<T> value;

  // Written once under the lock, before `done`; constant afterwards.
  T take() {
    if constexpr (std::is_copy_constructible_v<T>) {
      return *value;
    } else {
      return std::move(*value);
    }
  }
  static Task<T> wait(std::shared_ptr<State> state) {
    co_await CompletionBase::wait(state, std::nullopt);
    co_return state->take();
  }
  static Task<std::optional<T>> wait_for(std::shared_ptr<State> state, Milliseconds duration) {
    std::optional<T> result;
    if (co_await CompletionBase::wait(state, std::chrono::steady_clock::now() + duration)) result.emplace(state->take());
    co_return result;
  }
};

template <class T>
Completion<T>::Completion() : state_(std::make_shared<State>()) {}

template <class T>
void Completion<T>::complete(T value) const {
  std::vector<std::shared_ptr<detail::Waiter>> waiters;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->done) return;
    state_->value.emplace(std::move(value));
    state_->done = true;
    waiters.swap(state_->waiters);
  }
  detail::CompletionBase::wake(waiters);
}

template <class T>
bool Completion<T>::completed() const {
  const std::lock_guard lock(state_->mutex);
  return state_->done;
}

// Not coroutines themselves: the task then holds the state, not a pointer to this handle.
template <class T>
Task<T> Completion<T>::wait() const {
  return State::wait(state_);
}

template <class T>
Task<std::optional<T>> Completion<T>::wait_for(Milliseconds duration) const {
  return State::wait_for(state_, duration);
}

}  // namespace quicklime::async
