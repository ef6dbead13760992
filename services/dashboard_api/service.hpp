#pragma once
// The role that shows: lists and details of certificates, authorities, tokens; creates and revokes tokens.

#include "runtime/service.hpp"

namespace quicklime::dashboard_api {

// Authorities, tokens, and every certificate with the indexes that lists need.
views::Projection projection();
runtime::Service make_service(api::ServiceContext context);

}  // namespace quicklime::dashboard_api
