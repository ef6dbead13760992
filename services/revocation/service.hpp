#pragma once
// The role that revokes: POST /v1/certificates/{serial}/revoke, hold, release; POST /v1/revocations.

#include "ca/revocation_secret.hpp"
#include "runtime/service.hpp"

namespace quicklime::revocation {

// Authorities, tokens, and the status of every certificate.
views::Projection projection();
runtime::Service make_service(api::ServiceContext context, ca::RevocationKeys revocation_keys);

}  // namespace quicklime::revocation
