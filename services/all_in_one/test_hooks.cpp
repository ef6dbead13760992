#include "all_in_one/test_hooks.hpp"

#include <cstdlib>
#include <string_view>

#include "eventlog/sqlite_log.hpp"

namespace quicklime::all_in_one {
namespace {

const char* const enabled = std::getenv("QUICKLIME_TEST_HOOKS");

async::Task<Result<http::Response>> done(std::function<void()> work) {
  work();
  co_return http::Response::of(200, "text/plain", "done\n");
}

}  // namespace

bool test_hooks_enabled() { return enabled != nullptr && std::string_view(enabled) == "1"; }

std::vector<http::Route> test_hook_routes(Embedded& embedded) {
  const auto route = [](std::string path, std::function<void()> work) {
    return http::Route{http::Method::post, std::move(path), [work = std::move(work)](const http::Request&) { return done(work); }};
  };
  return {route("/test/pause-projection", [&embedded] { embedded.runner().pause_for_test(true); }),
          route("/test/resume-projection", [&embedded] { embedded.runner().pause_for_test(false); }),
          route("/test/stall-log", [&embedded] { eventlog::stall_sqlite_log_for_test(embedded.log(), true); }),
          route("/test/unstall-log", [&embedded] { eventlog::stall_sqlite_log_for_test(embedded.log(), false); })};
}

}  // namespace quicklime::all_in_one
