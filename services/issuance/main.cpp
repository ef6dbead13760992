// quicklime-issuance: holds the issuing key and the revocation key, certifies itself, and other daemons for their bootstrap
// tokens.
#include "ca/role_uri.hpp"
#include "issuance/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  const auto issuer = daemon.make_issuer(false);
  if (!issuer) return forward(issuer);
  // The service keeps the issuer as long as its own certificates are renewed.
  const auto names = runtime::daemon_names(daemon.role().name);
  daemon.own().add_tls("tls", names, runtime::certified_here(**issuer, daemon.clock(), ca::kRolePeerProfile),
                       async::ClientCertificate::required);
  if (daemon.configuration().bootstrap.enabled)
    daemon.own().add_tls("bootstrap", names, runtime::certified_here(**issuer, daemon.clock(), ca::kRolePeerProfile),
                         async::ClientCertificate::asked_for);
  auto service = issuance::make_service(daemon.context(), *issuer);
  service.bootstrap_routes = issuance::make_service(daemon.bootstrap_context(), *issuer).routes;
  return service;
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv, {.name = "issuance", .projection = issuance::projection(), .make_service = make_service});
}
