// quicklime-revocation: holds the revocation key.
#include "revocation/service.hpp"
#include "runtime/daemon.hpp"

namespace {

using namespace quicklime;

Result<runtime::Service> make_service(runtime::Daemon& daemon) {
  auto key = runtime::load_revocation_key(daemon.directory());
  if (!key) return forward(key);
  daemon.certify_by_issuance();
  return revocation::make_service(daemon.context(), std::make_shared<const ca::RevocationKey>(std::move(*key)));
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv, {.name = "revocation", .projection = revocation::projection(), .make_service = make_service});
}
