// People and programs: who they are, and what they may do. It alone holds ca/access.key and the secrets of directories and providers.
#include "identity/definition.hpp"

#include "identity/service.hpp"
#include "runtime/site.hpp"

namespace quicklime::identity {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  auto key = site.access_key();
  if (!key) return forward(key);
  return make_service(site.context(), *std::move(key));
}

}  // namespace

runtime::Definition definition() {
  return {.projection = projection(),
          .make = make,
          .rows = rows(),
          .access_key = true,
          .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
          .stale_tokens = access::StaleTokens::known_ones_accepted,
          .control_socket = true,
          .accepts = {"gateway", "issuance", "renewal", "revocation", "crl", "dashboard-api"}};
}

}  // namespace quicklime::identity
