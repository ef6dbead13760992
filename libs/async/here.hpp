#pragma once
// The loop of the calling coroutine: work beside it, and what is kept per loop.

#include <functional>
#include <memory>
#include <string>

#include "async/task.hpp"

namespace quicklime::async {

// Starts a coroutine on the loop of the calling one.
void spawn_here(Task<void> task);

// What the loop of the calling coroutine keeps under this key: made on the first question, touched by that loop's
// coroutines alone, and let go with the loop.
std::shared_ptr<void> kept_here(const std::string& key, const std::function<std::shared_ptr<void>()>& make);

}  // namespace quicklime::async
