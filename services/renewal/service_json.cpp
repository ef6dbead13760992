#include "renewal/service_json.hpp"

#include <nlohmann/json.hpp>

namespace quicklime::renewal {

std::string challenge_json(const SerialNumber& serial, std::string_view challenge, Position position) {
  nlohmann::ordered_json json;
  json["serial"] = serial.hex();
  json["renewal_challenge"] = challenge;
  json["position"] = position.text();
  return json.dump();
}

}  // namespace quicklime::renewal
