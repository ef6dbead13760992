#include "command_line/renew_daemon.hpp"

#include <algorithm>

#include "base/logging.hpp"
#include "command_line/renew.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "runtime/process.hpp"

namespace quicklime::command_line {
namespace {

constexpr Milliseconds kLongestSleep{60'000};  // a suspended machine, a clock that was set, a file that somebody replaced
constexpr Milliseconds kFirstRetry{1'000}, kLastRetry{600'000};

// [0, 1), from random or from scattered bytes.
double fraction(std::string_view bytes) {
  std::uint32_t number = 0;
  for (const char octet : bytes.substr(0, 4)) number = number << 8 | static_cast<unsigned char>(octet);
  return static_cast<double>(number) / 4294967296.0;
}
Milliseconds part(Milliseconds whole, double fraction) {
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) * fraction));
}

}  // namespace

Instant due(const pki::Certificate& certificate) {
  const Milliseconds life = certificate.not_after() - certificate.not_before();
  const auto scattered = crypto::sha256(certificate.serial().hex());
  return certificate.not_after() - life / 3 - part(life / 20, fraction(crypto::view(scattered)));
}

Milliseconds backoff(unsigned failures) {
  const Milliseconds pause = std::min<Milliseconds>(kLastRetry, kFirstRetry * (1LL << std::min(failures - 1, 20U)));
  return pause + part(pause / 4, fraction(crypto::random_bytes(4)));
}

Result<void> RenewDaemon::tend(Watched& watched) const {
  const auto pair = CertificatePair::open(watched.file);
  if (!pair) return forward(pair);
  auto installed = pair->install();
  if (!installed) return forward(installed);
  bool pending = *installed;
  if (pending) log::info("goes on with a renewal that was interrupted", {{"file", watched.file.string()}});

  auto certificate = pair->certificate();
  if (!certificate) return forward(certificate);
  if (const Instant now = clock.now(); now >= std::max(due(*certificate), watched.not_sooner)) {
    auto remote = connect();
    if (!remote) return forward(remote);
    const auto issued = ask_for_renewal(**remote, *pair);
    if (!issued) return forward(issued);
    installed = pair->install();
    if (!installed) return forward(installed);
    pending = true;
    log::info("renewed", {{"file", watched.file.string()},
                          {"serial", issued->serial},
                          {"replaces", certificate->serial().hex()},
                          {"not_after", issued->not_after.rfc3339_seconds()}});
    certificate = pair->certificate();
    if (!certificate) return forward(certificate);
    if (certificate->not_after() <= now) {
      return fail(ErrorCode::internal, "renewed-and-expired",
                  "the new certificate ended at " + certificate->not_after().rfc3339_seconds() + ": is the clock of this machine right?");
    }
    watched.not_sooner = now + std::max<Milliseconds>((certificate->not_after() - now) / 2, kFirstRetry);
  }
  watched.next = std::max(due(*certificate), watched.not_sooner);
  if (const std::string serial = certificate->serial().hex(); watched.logged_serial != serial) {
    watched.logged_serial = serial;
    log::info("waits", {{"file", watched.file.string()}, {"serial", serial}, {"renews_at", watched.next.rfc3339_seconds()}});
  }
  if (pending && !command.empty()) {
    if (auto run = run_command(command); !run) return run;
    log::info("ran the command", {{"file", watched.file.string()}, {"command", command}});
  }
  if (pending) pair->finished();
  return {};
}

void RenewDaemon::run() const {
  std::vector<Watched> all;
  for (const auto& file : files) all.push_back({.file = file, .next = clock.now(), .not_sooner = clock.now()});
  for (;;) {
    Instant next = clock.now() + kLongestSleep;
    for (Watched& watched : all) {
      if (clock.now() >= watched.next) {
        if (const auto tended = tend(watched); tended) {
          watched.failures = 0;
        } else {
          const Milliseconds pause = backoff(++watched.failures);
          watched.next = clock.now() + pause;
          log::error("not renewed; tries again", {{"file", watched.file.string()},
                                                  {"reason", tended.error().reason},
                                                  {"detail", tended.error().detail},
                                                  {"in", duration_text(pause)}});
        }
        // What is in the file may be another certificate by then.
        watched.next = std::min(watched.next, clock.now() + kLongestSleep);
      }
      next = std::min(next, watched.next);
    }
    const Milliseconds rest = std::max(next - clock.now(), Milliseconds(1));
    if (const auto signal = runtime::termination_signal_within(rest)) {
      log::info("stops", {{"signal", std::to_string(*signal)}});
      return;
    }
  }
}

}  // namespace quicklime::command_line
