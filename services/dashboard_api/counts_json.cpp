#include <nlohmann/json.hpp>

#include "dashboard_api/counts.hpp"
#include "dashboard_api/service_json.hpp"

namespace quicklime::dashboard_api {
namespace {

using Body = nlohmann::ordered_json;

std::string finished(Body json, const views::Meta& meta) {
  json["position"] = meta.anchor.position.text();
  if (const auto age = age_seconds(meta)) json["age_seconds"] = *age;
  return json.dump(-1, ' ', false, Body::error_handler_t::replace);
}

template <class Bin, class Members>
std::string bins_json(Unit unit, std::int64_t first, const std::vector<Bin>& bins, const views::Meta& meta, Members members) {
  Body json{{"bin", name(unit)}, {"bins", Body::array()}};
  for (std::size_t i = 0; i < bins.size(); ++i) {
    Body one{{"from", begin_of(first + static_cast<std::int64_t>(i), unit).rfc3339_seconds()}};
    members(one, bins[i]);
    json["bins"].push_back(std::move(one));
  }
  return finished(std::move(json), meta);
}

}  // namespace

std::string counts_json(const Counts& counts) {
  Body json{{"by", name(counts.by)}, {"values", Body::array()}, {"total", counts.total}};
  for (const auto& [value, count] : counts.values) json["values"].push_back({{"value", value}, {"count", count}});
  if (counts.next) json["next"] = *counts.next;
  if (counts.counted_at) json["counted_at"] = counts.counted_at->rfc3339_seconds();
  return finished(std::move(json), counts.meta);
}

std::string expiry_json(Unit unit, std::int64_t first, const std::vector<Ending>& bins, const views::Meta& meta) {
  return bins_json(unit, first, bins, meta, [](Body& json, const Ending& bin) {
    json["good"] = bin.good;
    json["held"] = bin.held;
    json["revoked"] = bin.revoked;
  });
}

std::string issuance_json(Unit unit, std::int64_t first, const std::vector<Issuing>& bins, const views::Meta& meta) {
  return bins_json(unit, first, bins, meta, [](Body& json, const Issuing& bin) {
    json["issued"] = bin.issued;
    json["renewed"] = bin.renewed;
    json["revoked"] = bin.revoked;
  });
}

}  // namespace quicklime::dashboard_api
