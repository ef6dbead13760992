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

Json json_of(const std::vector<SerialNumber>& serials) {
  Json json = Json::array();
  for (const auto& serial : serials) json.push_back(serial.hex());
  return json;
}

void put_remaining(const std::optional<Related>& remaining, Json& json) {
  if (!remaining) return;
  json["same_key"] = json_of(remaining->same_key);
  json["successors"] = json_of(remaining->successors);
  json["more"] = remaining->more;
}

}  // namespace

std::string status_json(const Carried& carried) {
  Json json = json_of(carried.answers.front());
  for (std::size_t i = 1; i < carried.answers.size(); ++i) json["also"].push_back(json_of(carried.answers[i]));
  put_remaining(carried.remaining, json);
  return json.dump();
}

std::string revocations_json(const Carried& carried) {
  Json json;
  json["revocations"] = Json::array();
  for (const auto& answer : carried.answers) json["revocations"].push_back(json_of(answer));
  json["position"] = carried.position.text();
  put_remaining(carried.remaining, json);
  return json.dump();
}

}  // namespace quicklime::revocation
