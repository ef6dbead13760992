// Answers OCSP by responder certificates of its own, and holds no key of the CA. It reads its view and nothing else, so it goes on
// while the log cannot be reached.
#include "ocsp/definition.hpp"

#include "ocsp/service.hpp"
#include "ocsp/settings.hpp"
#include "runtime/site.hpp"

namespace quicklime::ocsp {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  return make_service(site.context(),
                      [&responders = site.surroundings().responders](const AuthorityId& issuer) { return responders.get(issuer); });
}

}  // namespace

runtime::Definition definition() {
  using runtime::Definition;
  return {.projection = projection(),
          .make = make,
          .rows = rows(),
          .ocsp_responder = true,
          .log = Definition::Log::is_not_used,
          .without_view = Definition::WithoutView::until_stale,
          .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
          .over_plain_http = true};
}

}  // namespace quicklime::ocsp
