// How far this view is behind the log, and until when the CRLs are good.
#include "dashboard_api/health.hpp"

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/authority.hpp"
#include "dashboard_api/crls.hpp"
#include "dashboard_api/routes.hpp"

namespace quicklime::dashboard_api {
namespace {

async::Task<Answer> show_health(api::ServiceContext& context, const http::Request& request) {
  if (auto known = api::only_parameters(request, {}); !known) co_return forward(known);
  std::vector<views::PointKey> first{ca::authorities_key()};
  const auto known = co_await context.view.get(std::move(first));
  if (!known) co_return forward(known);
  const auto authorities = ca::decode_authorities(known->values.front());
  if (!authorities) co_return forward(authorities);
  std::vector<views::PointKey> keys;
  for (const auto& authority : *authorities) keys.push_back(crl_key(authority.id.text()));
  const auto points = co_await context.view.get(std::move(keys));
  if (!points) co_return forward(points);
  // Asked behind the view: it may be ahead of it, and never behind.
  const auto end = co_await context.pools.log.run([log = &context.log] { return log->end(); });
  if (!end) co_return forward(end);

  Health health{.end = *end, .meta = points->meta};
  const Instant now = context.clock.now();
  for (std::size_t i = 0; i < authorities->size(); ++i) {
    const auto newest = read_crl(points->values[i]);
    health.crls.push_back({(*authorities)[i].id, newest, newest ? state_of(*newest, now) : CrlState::none});
  }
  auto response = http::Response::json(200, health_json(health));
  api::set_position(response, points->meta.anchor.position);
  co_return response;
}

}  // namespace

CrlState state_of(const NewestCrl& crl, Instant now) {
  if (crl.next_update <= now) return CrlState::ended;
  const std::int64_t life = crl.next_update.milliseconds() - crl.this_update.milliseconds();
  return now.milliseconds() - crl.this_update.milliseconds() > life / 3 * 2 ? CrlState::due : CrlState::current;
}

std::vector<api::Route> health_routes(const api::ServiceContext& context) {
  auto kept = std::make_shared<api::ServiceContext>(context);
  return {{http::Method::get, "/v1/health", readers(), [kept](Call& call) { return show_health(*kept, call.request); }}};
}

}  // namespace quicklime::dashboard_api
