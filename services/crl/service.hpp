#pragma once
// The role that publishes: CRLs, CA certificates, chains, the bundle of roots.

#include <memory>

#include "ca/signing_keys.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Authorities, every revoked certificate that still matters, and the last publication of each scope.
views::Projection projection();
// The CRLs of the authorities whose keys are at hand are made here, from when they are; those of others are served. clocks outlives the
// service.
runtime::Service make_service(api::ServiceContext context, std::shared_ptr<const ca::SigningKeys> keys, runtime::ClockWatch& clocks);

}  // namespace quicklime::crl
