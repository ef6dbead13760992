#pragma once
// The routes of this role, one source per resource.

#include <vector>

#include "runtime/service.hpp"

namespace quicklime::dashboard_api {

using runtime::Answer;
using runtime::Call;

// Whoever is shown certificates: a daemon's token is for its own, and shows it nothing.
runtime::Access people();

std::vector<runtime::Route> certificate_routes(const runtime::ServiceContext& context);
std::vector<runtime::Route> export_routes(const runtime::ServiceContext& context);
std::vector<runtime::Route> event_routes(const runtime::ServiceContext& context);
std::vector<runtime::Route> token_routes(const runtime::ServiceContext& context);

}  // namespace quicklime::dashboard_api
