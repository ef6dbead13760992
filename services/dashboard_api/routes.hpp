#pragma once
// The routes of this role, one source per resource, and what they all do first.

#include <functional>
#include <vector>

#include "runtime/service.hpp"

namespace quicklime::dashboard_api {

using Answer = Result<http::Response>;
using Handle = std::function<async::Task<Answer>(const http::Request&, const access::Identity&)>;

// How fresh the client wants it, who asks, then the handler.
http::Handler identified(const runtime::ServiceContext& context, Handle handle);

std::vector<http::Route> certificate_routes(const runtime::ServiceContext& context);
std::vector<http::Route> token_routes(const runtime::ServiceContext& context);

}  // namespace quicklime::dashboard_api
