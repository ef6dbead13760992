// quicklime-issuance: holds the issuing key and the revocation key, certifies itself, and other daemons for their bootstrap
// tokens.
#include "issuance/service.hpp"
#include "runtime/daemon.hpp"
#include "runtime/issuing.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  auto keys = runtime::load_issuing(daemon.directory(), daemon.authorities());
  if (!keys) return forward(keys);
  auto revocation_key = runtime::load_revocation_key(daemon.directory());
  if (!revocation_key) return forward(revocation_key);
  auto policy = runtime::issue_policy(daemon.configuration());
  if (!policy) return forward(policy);
  const auto& context = daemon.context();
  const auto issuer =
      std::make_shared<ca::Issuer>(keys->authority, daemon.authorities(), keys->signer, std::move(*revocation_key), std::move(*policy),
                                   context.writer, context.log, context.view, context.clock, context.offload);
  // The service keeps the issuer as long as its own certificates are renewed.
  const auto names = runtime::daemon_names(daemon.role().name);
  daemon.own().add_tls("tls", names, runtime::certified_here(*issuer, context.clock, "tls-peer"), async::ClientCertificate::required);
  if (daemon.configuration().bootstrap.enabled)
    daemon.own().add_tls("bootstrap", names, runtime::certified_here(*issuer, context.clock, "tls-peer"),
                         async::ClientCertificate::asked_for);
  return issuance::make_service(context, issuer);
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv, {.name = "issuance", .projection = issuance::projection(), .make_service = make_service});
}
