#pragma once
// What every process that serves does alike.

#include <functional>
#include <string>

#include "access/denials.hpp"
#include "async/task.hpp"
#include "http/server.hpp"
#include "runtime/configuration.hpp"

namespace quicklime::runtime {

// Runs `attempt` until it is no longer `unavailable`, and says once for each reason what it waits for. SIGTERM ends the
// waiting: "interrupted". Blocks; signals must be blocked already.
Result<void> keep_trying(const std::string& what, const std::function<Result<void>()>& attempt);

http::Limits http_limits(const Configuration& configuration);
unsigned thread_count(const Configuration& configuration);
// For ever: writes the counts of denials every few seconds.
async::Task<void> flush_denials(access::Denials& denials);

}  // namespace quicklime::runtime
