#include "dashboard_api/service.hpp"

#include "api/requests.hpp"
#include "dashboard_api/page.hpp"
#include "dashboard_api/routes.hpp"
#include "dashboard_api/service_json.hpp"
#include "runtime/process.hpp"

namespace quicklime::dashboard_api {
namespace {

async::Task<Answer> show_authorities(views::View& view) {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto authorities = ca::decode_authorities(points->values.front());
  if (!authorities) co_return forward(authorities);
  auto response = http::Response::json(200, authorities_json(*authorities, points->meta));
  api::set_position(response, points->meta.anchor.position);
  co_return response;
}

async::Task<Answer> show_version() { co_return http::Response::json(200, version_json(runtime::version())); }

void append(std::vector<api::Route>& routes, std::vector<api::Route> more) {
  routes.insert(routes.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

}  // namespace

api::Access people() {
  using access::Role;
  return api::Access::identified({Role::administrator, Role::agent, Role::requester, Role::auditor});
}

runtime::Service make_service(api::ServiceContext context) {
  runtime::Service service;
  append(service.routes, certificate_routes(context));
  append(service.routes, export_routes(context));
  append(service.routes, event_routes(context));
  append(service.routes, page_routes(page_files()));
  service.routes.push_back(
      {http::Method::get, "/v1/authorities", people(), [&view = context.view](Call&) { return show_authorities(view); }});
  service.routes.push_back({.method = http::Method::get,
                            .path = "/v1/version",
                            .access = api::Access::anyone(),
                            .handler = [](Call&) { return show_version(); },
                            .needs_view = false});
  service.certificate_status = {[](const AuthorityId&, const SerialNumber& serial) { return certificate_key(serial); },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto certificate = decode_certificate(value);
                                  if (!certificate) return forward(certificate);
                                  return certificate->status;
                                }};
  return service;
}

}  // namespace quicklime::dashboard_api
