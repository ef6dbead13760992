#pragma once
// The role that issues: POST /v1/certificates.

#include <memory>

#include "ca/issue.hpp"
#include "issuance/keyed_issuer.hpp"
#include "runtime/service.hpp"

namespace quicklime::issuance {

// Authorities, tokens, and what decides who was first (libs/ca/decisions).
views::Projection projection();
runtime::Service make_service(std::shared_ptr<ca::Issuer> issuer, std::shared_ptr<KeyedIssuer> keyed);

}  // namespace quicklime::issuance
