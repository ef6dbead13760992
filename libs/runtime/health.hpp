#pragma once
// /livez, /readyz and /metrics: the admin port of each process.

#include <functional>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "http/router.hpp"
#include "runtime/expiries.hpp"

namespace quicklime::runtime {

// One line of /readyz?verbose: holds, or why not. Any thread, never blocks.
struct Check {
  std::string name;  // "view ocsp", "log", "own certificate tls"
  std::function<Result<void>()> holds;
};

// /livez: 200 while the process answers at all, whatever the log or the views do. /readyz: 200 or 503, one line per check
// that does not hold, with ?verbose one per check, and one per date of `expiries`, which do not decide; /healthz is an alias of
// it. /metrics: Prometheus text, and here the metrics of the process itself are registered. Registry and expiries outlive the
// routes.
std::vector<http::Route> admin_routes(std::vector<Check> checks, metrics::Registry& metrics, const Expiries* expiries = nullptr);

}  // namespace quicklime::runtime
