#include "runtime/serving.hpp"

#include <algorithm>
#include <thread>

namespace quicklime::runtime {

http::Limits http_limits(const Configuration& configuration) {
  http::Limits limits;
  limits.body_bytes = configuration.body_bytes;
  limits.handshake = limits.header = configuration.header_timeout;
  limits.body = configuration.body_timeout;
  limits.idle = configuration.idle_timeout;
  return limits;
}

unsigned thread_count(const Configuration& configuration) {
  return configuration.threads != 0 ? configuration.threads : std::max(1U, std::thread::hardware_concurrency());
}

async::Task<void> flush_denials(access::Denials& denials) {
  for (;;) {
    co_await async::sleep_for(Milliseconds(5'000));
    co_await denials.flush();
  }
}

}  // namespace quicklime::runtime
