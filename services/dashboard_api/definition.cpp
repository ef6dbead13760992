// Shows. Holds no key.
#include "dashboard_api/definition.hpp"

#include "dashboard_api/service.hpp"
#include "runtime/site.hpp"

namespace quicklime::dashboard_api {

runtime::Definition definition() {
  using runtime::Definition;
  return {.projection = projection(),
          .make = [](runtime::Site& site) -> Result<runtime::Service> { return make_service(site.context()); },
          .log = Definition::Log::is_used,
          .peers_of_revoked_authority = runtime::OfRevokedAuthority::admitted,
          .stale_tokens = access::StaleTokens::known_ones_accepted,
          .answers_the_rest = true};
}

}  // namespace quicklime::dashboard_api
