#pragma once
// Internal: templates of async/task.hpp.

#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace quicklime::async {
namespace detail {

template <class T>
struct Outcome {
  std::optional<T> value{};
  std::exception_ptr exception{};
};

template <class T>
Task<void> run_and_stop(Task<T> task, Outcome<T>& outcome, Loop& loop) {
  try {
    outcome.value.emplace(co_await std::move(task));
  } catch (...) {
    outcome.exception = std::current_exception();
  }
  loop.stop();
}

inline Task<bool> with_value(Task<void> task) {
  co_await std::move(task);
  co_return true;
}

}  // namespace detail

template <class T>
T run_to_end(Task<T> task) {
  if constexpr (std::is_void_v<T>) {
    run_to_end(detail::with_value(std::move(task)));
  } else {
    detail::Outcome<T> outcome;
    {
      Loop loop;
      loop.spawn(detail::run_and_stop(std::move(task), outcome, loop));
      loop.run();
    }
    if (outcome.exception) std::rethrow_exception(outcome.exception);
    return std::move(*outcome.value);
  }
}

}  // namespace quicklime::async
