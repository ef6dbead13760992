// Issues, and certifies every other process: by the issuing key, with a revocation secret for each certificate.
#include "issuance/definition.hpp"

#include "issuance/cfssl.hpp"
#include "issuance/service.hpp"
#include "runtime/site.hpp"

namespace quicklime::issuance {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  const auto issuer = site.make_issuer(false);
  if (!issuer) return forward(issuer);
  const auto keyed = std::make_shared<KeyedIssuer>(site.context(), *issuer);
  auto service = make_service(*issuer, keyed);
  service.bootstrap_routes = service.routes;  // for others: the guard there knows daemons alone
  for (auto& route : cfssl_routes(site.context(), *issuer, keyed, site.surroundings().exchanges))
    service.routes.push_back(std::move(route));
  return service;
}

}  // namespace

runtime::Definition definition() {
  return {.projection = projection(), .make = make, .issuing_key = true, .revocation_keys = true, .certifies_daemons = true};
}

}  // namespace quicklime::issuance
