#pragma once
// The role that publishes: CRLs, CA certificates, chains, the bundle of roots.

#include <map>
#include <memory>

#include "crypto/signer.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Authorities, every revoked certificate that still matters, and the last publication of each scope.
views::Projection projection();
// Signers of the authorities whose keys are at hand; others' CRLs are served and not made. clocks outlives the service.
runtime::Service make_service(api::ServiceContext context, std::map<AuthorityId, std::shared_ptr<const crypto::Signer>> signers,
                              runtime::ClockWatch& clocks);

}  // namespace quicklime::crl
