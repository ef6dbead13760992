// Renews: by the issuing key, with a revocation secret for each certificate.
#include "renewal/definition.hpp"

#include "renewal/service.hpp"
#include "renewal/settings.hpp"
#include "runtime/site.hpp"

namespace quicklime::renewal {
namespace {

Result<runtime::Service> make(runtime::Site& site) {
  const auto issuer = site.make_issuer(true);
  if (!issuer) return forward(issuer);
  return make_service(site.context(), *issuer);
}

}  // namespace

runtime::Definition definition() {
  return {.projection = projection(), .make = make, .rows = rows(), .issuing_key = true, .revocation_keys = true};
}

}  // namespace quicklime::renewal
