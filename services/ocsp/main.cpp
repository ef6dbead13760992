// quicklime-ocsp: holds no key of the CA; its responder certificates are made by issuance. It reads its view and nothing
// else, so it goes on while the log cannot be reached.
#include "ocsp/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  daemon.certify_by_issuance();
  for (const auto& authority : daemon.authorities()) {
    if (authority.parent && !authority.retired)
      daemon.own().add_responder(authority.id, daemon.by_issuance("ocsp-signing"), daemon.responders());
  }
  return ocsp::make_service(daemon.context(), [&daemon](const AuthorityId& issuer) { return daemon.responders().get(issuer); });
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv,
                              {.name = "ocsp",
                               .projection = ocsp::projection(),
                               .log = runtime::DaemonRole::Log::is_not_used,
                               .without_view = runtime::DaemonRole::WithoutView::until_stale,
                               .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
                               .make_service = make_service});
}
