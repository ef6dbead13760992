// quicklime-crl: holds the issuing key, to sign CRLs; serves the control socket over which a CRL is brought that was signed with
// a key that is not here.
#include "crl/service.hpp"
#include "runtime/daemon.hpp"
#include "runtime/issuing.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  auto keys = runtime::load_issuing(daemon.directory(), daemon.authorities());
  if (!keys) return forward(keys);
  daemon.certify_by_issuance();
  return crl::make_service(daemon.context(), std::move(keys->signers), daemon.clocks());
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv,
                              {.name = "crl",
                               .projection = crl::projection(),
                               .log = runtime::DaemonRole::Log::is_used,
                               .view = views::Complete::once,
                               .without_view = runtime::DaemonRole::WithoutView::ready,
                               .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
                               .control_socket = true,
                               .make_service = make_service});
}
