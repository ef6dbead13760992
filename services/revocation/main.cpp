// quicklime-revocation: holds the revocation keys.
#include "revocation/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  auto keys = daemon.revocation_keys();
  if (!keys) return forward(keys);
  daemon.certify_by_issuance();
  return revocation::make_service(daemon.context(), *std::move(keys));
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv,
                              {.name = "revocation",
                               .projection = revocation::projection(),
                               .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
                               .make_service = make_service});
}
