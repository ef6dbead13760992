#pragma once
// The role that renews: GET and POST /v1/certificates/{serial}/renew.

#include <memory>

#include "ca/issue.hpp"
#include "runtime/service.hpp"

namespace quicklime::renewal {

// What issuance folds too: authorities, tokens, and what decides who was first (libs/ca/decisions). Of a certificate it holds a
// few hundred bytes; the certificate itself is read back from the log by its event's offset.
views::Projection projection();
// issuer: over this role's own view, with IssuePolicy::renews.
runtime::Service make_service(api::ServiceContext context, std::shared_ptr<ca::Issuer> issuer);

}  // namespace quicklime::renewal
