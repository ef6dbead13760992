#pragma once
// The routes of this role, one source per resource.

#include <vector>

#include "runtime/service.hpp"

namespace quicklime::dashboard_api {

using api::Answer;
using api::Call;

// Whoever is shown certificates: a daemon's token is for its own, and shows it nothing.
api::Access people();
// Whoever sees everything.
api::Access readers();

std::vector<api::Route> certificate_routes(const api::ServiceContext& context);
std::vector<api::Route> count_routes(const api::ServiceContext& context);
std::vector<api::Route> export_routes(const api::ServiceContext& context);
std::vector<api::Route> event_routes(const api::ServiceContext& context);
std::vector<api::Route> lineage_routes(const api::ServiceContext& context);
std::vector<api::Route> health_routes(const api::ServiceContext& context);

}  // namespace quicklime::dashboard_api
