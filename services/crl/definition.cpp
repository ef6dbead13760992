// Signs CRLs by the issuing key. Over its control socket a CRL is brought that was signed with a key that is not here.
#include "crl/definition.hpp"

#include "crl/service.hpp"
#include "crl/settings.hpp"
#include "runtime/site.hpp"

namespace quicklime::crl {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  auto keys = site.signing_keys();
  if (!keys) return forward(keys);
  return make_service(site.context(), *std::move(keys), site.surroundings().clocks);
}

}  // namespace

runtime::Definition definition() {
  using runtime::Definition;
  return {.projection = projection(),
          .make = make,
          .rows = rows(),
          .issuing_key = true,
          .log = Definition::Log::is_used,
          .view = views::Complete::once,
          .without_view = Definition::WithoutView::ready,
          .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
          .control_socket = true,
          .over_plain_http = true};
}

}  // namespace quicklime::crl
