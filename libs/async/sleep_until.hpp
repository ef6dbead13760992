#pragma once
// For who must not be told by a fraction of a millisecond how long he was at work.

#include <chrono>

#include "async/task.hpp"

namespace quicklime::async {

// Goes on at this time, to what the system's timers can do; at once when it is over.
Task<void> sleep_until(std::chrono::steady_clock::time_point time);

}  // namespace quicklime::async
