// quicklime-renewal: holds the issuing key and the revocation key.
#include "renewal/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  const auto issuer = daemon.make_issuer(true);
  if (!issuer) return forward(issuer);
  daemon.certify_by_issuance();
  return renewal::make_service(daemon.context(), *issuer);
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv, {.name = "renewal", .projection = renewal::projection(), .make_service = make_service});
}
