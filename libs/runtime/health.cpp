#include "runtime/health.hpp"

#include <unistd.h>

#include <fstream>
#include <memory>

#include "base/instant.hpp"
#include "base/work.hpp"
#include "http/problem.hpp"
#include "runtime/metrics_text.hpp"
#include "runtime/process.hpp"

namespace quicklime::runtime {
namespace {

using http::Request;
using http::Response;

const Instant kProcessStart = SystemClock().now();

double resident_bytes() {
  // Pages: the whole program, then what of it is in memory (proc(5)). Readable also when the process is not dumpable.
  std::ifstream statm("/proc/self/statm");
  double program = 0, resident = 0;
  statm >> program >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void add_process_metrics(metrics::Registry& registry) {
  registry.gauge("quicklime_build_info", "What is running; always 1.", [] { return 1.0; },
                 {{"version", build().version}, {"commit", build().commit}, {"log_format", std::to_string(build().log_format)}});
  registry.gauge("process_start_time_seconds", "When the process started, in seconds since 1970.",
                 [] { return static_cast<double>(kProcessStart.milliseconds()) / 1000; });
  for (const auto kind : work::kinds) {
    registry.gauge("quicklime_work", "What requests have cost since the process started: parsed, checked and signed.",
                   [kind] { return static_cast<double>(work::counted(kind)); },
                   {{"kind", std::string(work::names[static_cast<std::size_t>(kind)])}});
  }
  registry.gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", resident_bytes);
}

Response plain_text(unsigned status, std::string body) {
  Response response = Response::of(status, "text/plain; charset=utf-8", std::move(body));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Response readiness(const std::vector<Check>& checks, const Warnings& warnings, bool verbose) {
  bool ready = true;
  std::string lines;
  for (const Check& check : checks) {
    const Result<void> holds = check.holds();
    if (!holds) ready = false;
    if (verbose || !holds)
      lines += (holds ? "ok  " : "not ") + check.name + (holds ? "" : ": " + http::without_directory(holds.error().detail)) + "\n";
  }
  if (verbose && warnings) lines += warnings();
  return plain_text(ready ? 200 : 503, lines + (ready ? "ready\n" : "not ready\n"));
}

}  // namespace

std::string warning_lines(const Expiries* expiries, const ClockWatch* clocks) {
  std::string lines = expiries == nullptr ? "" : expiries->lines();
  if (clocks == nullptr) return lines;
  const std::string disagreement = clocks->disagreement();
  return lines + (disagreement.empty() ? "ok  clocks\n" : "warn clocks: " + disagreement + "; set them right\n");
}

std::vector<http::Route> admin_routes(Checks checks, metrics::Registry& metrics, Warnings warnings) {
  add_process_metrics(metrics);
  const http::Handler live = [](const Request&) -> async::Task<Result<Response>> { co_return plain_text(200, "alive\n"); };
  const http::Handler ready = [checks = std::move(checks), warnings](const Request& request) -> async::Task<Result<Response>> {
    co_return readiness(checks(), warnings, request.query.contains("verbose"));
  };
  const http::Handler measured = [&metrics](const Request&) -> async::Task<Result<Response>> {
    co_return Response::of(200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(metrics));
  };
  return {{http::Method::get, "/livez", live},
          {http::Method::get, "/readyz", ready},
          {http::Method::get, "/healthz", ready},
          {http::Method::get, "/metrics", measured}};
}

}  // namespace quicklime::runtime
