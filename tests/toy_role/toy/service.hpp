#pragma once
// The role that counts: POST and GET /v1/toy.

#include "runtime/service.hpp"
#include "views/projection.hpp"

namespace quicklime::toy {

views::Projection projection();
runtime::Service make_service(const api::ServiceContext& context);

}  // namespace quicklime::toy
