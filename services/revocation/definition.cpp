// Revokes: checks revocation secrets, by the keys that made them.
#include "revocation/definition.hpp"

#include "revocation/service.hpp"
#include "runtime/site.hpp"

namespace quicklime::revocation {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  auto keys = site.revocation_keys();
  if (!keys) return forward(keys);
  return make_service(site.context(), *std::move(keys));
}

}  // namespace

runtime::Definition definition() {
  return {.projection = projection(),
          .make = make,
          .revocation_keys = true,
          .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted};
}

}  // namespace quicklime::revocation
