#include <algorithm>
#include <nlohmann/json.hpp>

#include "dashboard_api/health.hpp"
#include "dashboard_api/service_json.hpp"

namespace quicklime::dashboard_api {
namespace {

using Values = nlohmann::ordered_json;

std::string_view state_name(CrlState state) {
  switch (state) {
    case CrlState::current: return "current";
    case CrlState::due: return "due";
    case CrlState::ended: return "ended";
    case CrlState::none: return "none";
  }
  return {};
}

}  // namespace

std::string health_json(const Health& health) {
  const std::uint64_t folded = health.meta.anchor.position.offset + 1;
  Values json{{"lag", health.end.offset - std::min(health.end.offset, folded)}, {"crls", Values::array()}};
  for (const auto& crl : health.crls) {
    Values one{{"authority", crl.authority.text()}, {"state", state_name(crl.state)}};
    if (crl.newest) {
      one["number"] = crl.newest->number;
      one["this_update"] = crl.newest->this_update.rfc3339_seconds();
      one["next_update"] = crl.newest->next_update.rfc3339_seconds();
      one["published_at"] = crl.newest->published_at.rfc3339();
      one["published_position"] = crl.newest->published.text();
    }
    json["crls"].push_back(std::move(one));
  }
  json["position"] = health.meta.anchor.position.text();
  if (const auto age = age_seconds(health.meta)) json["age_seconds"] = *age;
  return json.dump(-1, ' ', false, Values::error_handler_t::replace);
}

}  // namespace quicklime::dashboard_api
