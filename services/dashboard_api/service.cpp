#include "dashboard_api/service.hpp"

#include "api/requests.hpp"
#include "dashboard_api/counts.hpp"
#include "dashboard_api/page.hpp"
#include "dashboard_api/routes.hpp"
#include "dashboard_api/service_json.hpp"
#include "runtime/process.hpp"

namespace quicklime::dashboard_api {
namespace {

Answer answer_of(const std::vector<ca::Authority>& authorities, const std::vector<AuthorityCounts>& counted, const views::Meta& meta) {
  auto response = http::Response::json(200, authorities_json(authorities, counted, meta));
  api::set_position(response, meta.anchor.position);
  return response;
}

// counts_too: for whoever sees everything.
async::Task<Answer> show_authorities(views::View& view, const Clock& clock, bool counts_too) {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto points = co_await view.get(std::move(keys));
  if (!points) co_return forward(points);
  const auto authorities = ca::decode_authorities(points->values.front());
  if (!authorities) co_return forward(authorities);
  std::vector<AuthorityCounts> counted;
  if (!counts_too) co_return answer_of(*authorities, counted, points->meta);
  std::vector<AuthorityId> ids;
  std::vector<views::PointKey> counts;
  for (const auto& authority : *authorities) {
    ids.push_back(authority.id);
    counts.push_back(count_key(value_group(Field::authority, authority.id.text())));
  }
  const auto issued = co_await view.get(std::move(counts));
  if (!issued) co_return forward(issued);
  const auto live = co_await live_of(view, ids, begin_of(bin_of(clock.now(), Unit::hour), Unit::hour));
  if (!live) co_return forward(live);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    counted.push_back({read_count(issued->values[i]), (*live)[i].good + (*live)[i].held});
  }
  co_return answer_of(*authorities, counted, points->meta);
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

api::Access readers() {
  using access::Role;
  return api::Access::identified({Role::administrator, Role::agent, Role::auditor});
}

runtime::Service make_service(api::ServiceContext context) {
  runtime::Service service;
  append(service.routes, certificate_routes(context));
  append(service.routes, count_routes(context));
  append(service.routes, export_routes(context));
  append(service.routes, event_routes(context));
  append(service.routes, lineage_routes(context));
  append(service.routes, health_routes(context));
  append(service.routes, page_routes(page_files()));
  service.routes.push_back({http::Method::get, "/v1/authorities", people(), [&view = context.view, &clock = context.clock](Call& call) {
                              return show_authorities(view, clock, access::row(call.who().role).sees == access::Sees::everything);
                            }});
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
