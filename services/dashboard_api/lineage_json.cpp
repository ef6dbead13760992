#include <nlohmann/json.hpp>

#include "dashboard_api/lineage.hpp"
#include "dashboard_api/service_json.hpp"

namespace quicklime::dashboard_api {
namespace {

using Members = nlohmann::ordered_json;

Members spans_json(const std::vector<Span>& spans) {
  Members json = Members::array();
  for (const auto& span : spans) json.push_back({{"from", span.from.rfc3339_seconds()}, {"until", span.until.rfc3339_seconds()}});
  return json;
}

std::string_view state_name(Lane::State state) {
  switch (state) {
    case Lane::State::covered: return "covered";
    case Lane::State::overdue: return "overdue";
    case Lane::State::ended: return "ended";
  }
  return {};
}

}  // namespace

std::string lineage_json(const std::string& service, const std::vector<Lane>& lanes, const Page& page, Instant now) {
  Members json{{"service", service}, {"nodes", Members::array()}};
  for (const auto& lane : lanes) {
    Members node{{"node", lane.node}, {"state", state_name(lane.state)}, {"certificates", Members::array()}};
    for (const auto& certificate : lane.certificates) node["certificates"].push_back(Members::parse(certificate_line(certificate, now)));
    node["gaps"] = spans_json(lane.gaps);
    node["overlaps"] = spans_json(lane.overlaps);
    json["nodes"].push_back(std::move(node));
  }
  if (page.next) json["next"] = *page.next;
  if (page.forgotten_before) json["forgotten_before"] = page.forgotten_before->rfc3339_seconds();
  json["position"] = page.meta.anchor.position.text();
  if (const auto age = age_seconds(page.meta)) json["age_seconds"] = *age;
  return json.dump(-1, ' ', false, Members::error_handler_t::replace);
}

}  // namespace quicklime::dashboard_api
