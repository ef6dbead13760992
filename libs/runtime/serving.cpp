#include "runtime/serving.hpp"

#include <algorithm>
#include <thread>

#include "access/identity.hpp"
#include "base/logging.hpp"
#include "runtime/process.hpp"

namespace quicklime::runtime {

Result<void> keep_trying(const std::string& what, const std::function<Result<void>()>& attempt) {
  constexpr Milliseconds kRetry{500};
  std::string said;
  for (;;) {
    auto done = attempt();
    if (done || (done.error().code != ErrorCode::unavailable && done.error().code != ErrorCode::outcome_unknown)) return done;
    if (said != done.error().reason)
      log::warning("waiting for " + what, {{"reason", done.error().reason}, {"detail", done.error().detail}});
    said = done.error().reason;
    if (termination_signal_within(kRetry)) return fail(ErrorCode::unavailable, "interrupted", "stopped while it waited for " + what);
  }
}

// Each thread has a reader of each view and of the log, with their WAL and its index; the rest is for everybody: writers, the
// broker, Redis, listeners, /livez and the control socket.
std::size_t connections_per_thread(std::uint64_t descriptors, unsigned threads) {
  constexpr std::uint64_t kOfProcess = 128, kOfThread = 40;
  const std::uint64_t kept = std::min(kOfProcess + kOfThread * threads, descriptors / 4 * 3);
  return static_cast<std::size_t>(std::clamp<std::uint64_t>((descriptors - kept) / threads, 1, http::Limits().connections_per_loop));
}

http::Router::Guard control_socket_guard(uid_t owner) {
  return [owner](const http::Request& request) -> async::Task<Result<void>> {
    co_return access::may_use_control_socket(request.peer.uid, owner);
  };
}

http::Limits http_limits(const ProcessSettings& settings, unsigned threads) {
  http::Limits limits;
  limits.connections_per_loop = connections_per_thread(descriptor_limit(), threads);
  limits.body_bytes = settings.body_bytes;
  limits.handshake = limits.header = settings.header_timeout;
  limits.body = settings.body_timeout;
  limits.idle = settings.idle_timeout;
  return limits;
}

unsigned thread_count(const ProcessSettings& settings) {
  return settings.threads != 0 ? settings.threads : std::max(1U, std::thread::hardware_concurrency());
}

async::Task<void> flush_counts(access::Denials& denials) {
  for (;;) {
    co_await async::sleep_for(Milliseconds(5'000));
    co_await denials.flush();
    log::say_held_back();
  }
}

}  // namespace quicklime::runtime
