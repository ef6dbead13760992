#include "revocation/service_json.hpp"

#include <nlohmann/json.hpp>

namespace quicklime::revocation {
namespace {

using Json = nlohmann::ordered_json;

std::string_view name(ca::Status::Kind kind) {
  switch (kind) {
    case ca::Status::Kind::good: return "good";
    case ca::Status::Kind::held: return "held";
    case ca::Status::Kind::revoked: return "revoked";
  }
  return {};
}

Json json_of(const StatusAnswer& answer) {
  Json json;
  json["serial"] = answer.serial.hex();
  json["status"] = name(answer.status.kind);
  if (answer.status.kind != ca::Status::Kind::good) json["reason"] = pki::name(answer.status.reason);
  if (answer.status.since) json["revoked_at"] = answer.status.since->rfc3339_seconds();
  json["position"] = answer.position.text();
  return json;
}

}  // namespace

std::string status_json(const StatusAnswer& answer) { return json_of(answer).dump(); }

std::string revocations_json(const std::vector<StatusAnswer>& answers, Position position) {
  Json json;
  json["revocations"] = Json::array();
  for (const auto& answer : answers) json["revocations"].push_back(json_of(answer));
  json["position"] = position.text();
  return json.dump();
}

}  // namespace quicklime::revocation
