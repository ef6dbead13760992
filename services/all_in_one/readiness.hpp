#pragma once
// What /readyz of `quicklime serve` says, from before anything else is served.

#include <atomic>
#include <string>
#include <vector>

#include "all_in_one/embedded.hpp"
#include "runtime/expiries.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificates.hpp"

namespace quicklime::all_in_one {

// Any thread, but for started.
class Readiness {
 public:
  explicit Readiness(Embedded& embedded) : embedded_(embedded) {}

  // The listeners are open. Both live longer than whoever asks.
  void started(const runtime::OwnCertificates& own, const runtime::Expiries& expiries);
  // start, one for each view (its role answers, and the view is no older than ocsp.stale_limit), the log, own certificates.
  std::vector<runtime::Check> checks() const;
  std::string warnings() const;

 private:
  Result<void> start_check() const;
  Result<void> view_check(const runtime::Site& site) const;
  Result<void> log_check() const;

  struct Started {
    const runtime::OwnCertificates& own;
    const runtime::Expiries& expiries;
  };
  Embedded& embedded_;
  std::optional<Started> started_;
  std::atomic<bool> has_started_{false};  // after started_ was set
};

}  // namespace quicklime::all_in_one
