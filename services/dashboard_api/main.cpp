// quicklime-dashboard-api: holds no key; serves the control socket over which the first token is made.
#include "dashboard_api/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  daemon.certify_by_issuance();
  return dashboard_api::make_service(daemon.context());
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv,
                              {.name = "dashboard-api",
                               .projection = dashboard_api::projection(),
                               .log = runtime::DaemonRole::Log::is_used,
                               .stale_tokens = access::StaleTokens::known_ones_accepted,
                               .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
                               .control_socket = true,
                               .make_service = make_service});
}
