#pragma once
// /livez, /readyz and /metrics: the admin port of each process.

#include <functional>
#include <string>
#include <vector>

#include "base/metrics.hpp"
#include "base/result.hpp"
#include "http/router.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/expiries.hpp"

namespace quicklime::runtime {

// One line of /readyz?verbose: holds, or why not. Any thread, never blocks.
struct Check {
  std::string name;  // "view ocsp", "log", "own certificate tls"
  std::function<Result<void>()> holds;
};

// /livez: 200 while the process answers at all, whatever the log or the views do. /readyz: 200 or 503, one line per check
// that does not hold, with ?verbose one per check, and what `warnings` says, which does not decide; /healthz is an alias of it.
// /metrics: Prometheus text, and here the metrics of the process itself are registered. The registry outlives the routes.
using Warnings = std::function<std::string()>;       // lines, "ok ..." or "warn ..."; any thread, never blocks
using Checks = std::function<std::vector<Check>()>;  // those that there are by now; any thread, never blocks
std::vector<http::Route> admin_routes(Checks checks, metrics::Registry& metrics, Warnings warnings = {});
// Every date that can end the service, and whether the clocks agree. Null: not there yet.
std::string warning_lines(const Expiries* expiries, const ClockWatch* clocks);

}  // namespace quicklime::runtime
