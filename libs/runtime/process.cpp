#include "runtime/process.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>

namespace quicklime::runtime {
namespace {

sigset_t termination_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

void harden() {
  // Each of these can be refused by a sandbox that is stricter still; none is a reason not to start.
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if !defined(__SANITIZE_ADDRESS__)
  // Keeps out ptrace and /proc/<pid>/mem of the same user, too. LeakSanitizer is such a ptrace, by the process itself.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  std::signal(SIGPIPE, SIG_IGN);
}

std::uint64_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
  return descriptor_limit();
}

std::uint64_t descriptor_limit() {
  rlimit limit{};
  return getrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : 0;
}

void block_termination_signals() {
  const sigset_t signals = termination_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int wait_for_termination_signal() {
  const sigset_t signals = termination_signals();
  int signal = 0;
  while (sigwait(&signals, &signal) != 0) {
  }
  return signal;
}

std::optional<int> termination_signal_within(Milliseconds time) {
  const sigset_t signals = termination_signals();
  const timespec limit{time.count() / 1000, time.count() % 1000 * 1'000'000};
  const int signal = sigtimedwait(&signals, nullptr, &limit);
  return signal > 0 ? std::optional(signal) : std::nullopt;
}

const Build& build() {
  static const Build value{QUICKLIME_VERSION, QUICKLIME_COMMIT, 1};
  return value;
}

std::string version() {
  return build().version + " (commit " + build().commit + ", log format " + std::to_string(build().log_format) + ")";
}

}  // namespace quicklime::runtime
