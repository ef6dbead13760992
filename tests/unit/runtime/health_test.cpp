#include "runtime/health.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/process.hpp"

namespace quicklime::runtime {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

class AdminPort : public testing::Test {
 protected:
  http::Response get(const std::string& path, std::vector<Check> checks = {}, bool verbose = false) {
    http::Router router;
    router.add(admin_routes([checks = std::move(checks)] { return checks; }, registry));
    http::Request request{.target = path, .path = path};
    if (verbose) request.query["verbose"] = "";
    return async::run_to_end(router.dispatch(std::move(request)));
  }
  static Check good(std::string name) {
    return {std::move(name), [] { return Result<void>(); }};
  }
  static Check bad(std::string name, std::string why) {
    return {std::move(name), [why]() -> Result<void> { return fail(ErrorCode::unavailable, "view-stale", why); }};
  }
  metrics::Registry registry;
};

TEST_F(AdminPort, AliveMeansAnsweringWhateverElseIsWrong) { EXPECT_EQ(get("/livez", {bad("log", "it is stalled")}).status, 200U); }

TEST_F(AdminPort, ReadyWhenEveryCheckHolds) {
  const auto response = get("/readyz", {good("log"), good("view ocsp")});
  EXPECT_EQ(response.status, 200U);
  EXPECT_EQ(response.body, "ready\n");
}

TEST_F(AdminPort, NotReadySaysWhy) {
  const std::vector<Check> checks{good("log"), bad("view ocsp", "it is 70 s old")};
  for (const char* path : {"/readyz", "/healthz"}) {
    const auto response = get(path, checks);
    EXPECT_EQ(response.status, 503U);
    EXPECT_EQ(response.body, "not view ocsp: it is 70 s old\nnot ready\n");
  }
  EXPECT_EQ(get("/readyz", checks, true).body, "ok  log\nnot view ocsp: it is 70 s old\nnot ready\n");
}

TEST_F(AdminPort, TheProcessTellsOfItself) {
  const std::string text = get("/metrics").body;
  EXPECT_THAT(text,
              HasSubstr("quicklime_build_info{commit=\"" + build().commit + "\",log_format=\"1\",version=\"" + build().version + "\"} 1"));
  EXPECT_THAT(text, ContainsRegex("process_start_time_seconds 1[0-9.e+]+"));
  EXPECT_THAT(text, ContainsRegex("process_resident_memory_bytes [1-9]"));
}

TEST_F(AdminPort, CountersHistogramsAndGaugesAreWhatTheyCounted) {
  registry.counter("quicklime_revocations_total", "Revocations.", {{"reason", "keyCompromise"}}).add(3);
  registry.gauge("quicklime_view_age_seconds", "Age.", [] { return 1.5; });
  auto& histogram = registry.histogram("quicklime_log_append_duration_seconds", "Appends.");
  histogram.observe(0.0002);
  histogram.observe(0.003);
  histogram.observe(100);

  const auto response = get("/metrics");
  EXPECT_THAT(response.headers.get("Content-Type").value_or(""), HasSubstr("text/plain; version=0.0.4"));
  const std::string& text = response.body;
  EXPECT_THAT(text, HasSubstr("# TYPE quicklime_revocations_total counter\nquicklime_revocations_total{reason=\"keyCompromise\"} 3"));
  EXPECT_THAT(text, HasSubstr("# TYPE quicklime_view_age_seconds gauge\nquicklime_view_age_seconds 1.5"));
  // Cumulative: each bucket counts all below it, and the last one everything.
  EXPECT_THAT(text, HasSubstr("quicklime_log_append_duration_seconds_bucket{le=\"0.00025\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("quicklime_log_append_duration_seconds_bucket{le=\"0.005\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("quicklime_log_append_duration_seconds_bucket{le=\"10\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("quicklime_log_append_duration_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("quicklime_log_append_duration_seconds_count 3\n"));
  EXPECT_THAT(text, ContainsRegex("quicklime_log_append_duration_seconds_sum 100.0032"));
}

}  // namespace
}  // namespace quicklime::runtime
