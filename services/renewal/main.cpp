// quicklime-renewal: holds the issuing key and the revocation key.
#include "renewal/service.hpp"
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
  policy->renews = true;
  daemon.certify_by_issuance();
  const auto& context = daemon.context();
  return renewal::make_service(
      context, std::make_shared<ca::Issuer>(keys->authority, daemon.authorities(), keys->signer, std::move(*revocation_key),
                                            std::move(*policy), context.writer, context.log, context.view, context.clock, context.offload));
}

}  // namespace

int main(int argc, char** argv) {
  return runtime::daemon_main(argc, argv, {.name = "renewal", .projection = renewal::projection(), .make_service = make_service});
}
