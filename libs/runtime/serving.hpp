#pragma once
// What every process that serves does alike.

#include <functional>
#include <string>

#include "access/denials.hpp"
#include "async/task.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "runtime/process_settings.hpp"

namespace quicklime::runtime {

// Runs `attempt` every half a second until it is neither `unavailable` nor `outcome_unknown`, and says once for each reason what it
// waits for. SIGTERM ends the waiting: "interrupted". Blocks; signals must be blocked already.
Result<void> keep_trying(const std::string& what, const std::function<Result<void>()>& attempt);

// Lets in whom access::may_use_control_socket does, by the uid of the peer.
http::Router::Guard control_socket_guard(uid_t owner);
// For a server with so many threads: no more connections than the process has descriptors for beside its files.
http::Limits http_limits(const ProcessSettings& settings, unsigned threads);
std::size_t connections_per_thread(std::uint64_t descriptors, unsigned threads);
unsigned thread_count(const ProcessSettings& settings);  // that of the setting, or one per core
// For ever: says every few seconds how many denials and log lines were only counted.
async::Task<void> flush_counts(access::Denials& denials);

}  // namespace quicklime::runtime
