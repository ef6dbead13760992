#pragma once
// The role that answers OCSP: POST /ocsp, GET /ocsp/{base64}.

#include <functional>
#include <memory>

#include "pki/ocsp.hpp"
#include "runtime/service.hpp"

namespace quicklime::ocsp {

// Authorities (no identities: this role faces the public) and the status of every certificate.
views::Projection projection();

// The responder for one issuing authority, with the certificate in use now; null when this process has none.
// Any thread, cheap: called for every answer.
using CurrentResponder = std::function<std::shared_ptr<const pki::OcspResponder>(const AuthorityId& issuer)>;
runtime::Service make_service(api::ServiceContext context, CurrentResponder responder);

}  // namespace quicklime::ocsp
