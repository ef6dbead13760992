#include <nlohmann/json.hpp>

#include "runtime/remote_exchange.hpp"

namespace quicklime::runtime {

Result<access::Exchanged> read_signed_in(const std::string& body) {
  const auto malformed = [] {
    return fail(ErrorCode::unavailable, "answer-malformed",
                "identity's answer is not what this version expects; run the same version of both");
  };
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("text") || !json.contains("position") || !json["text"].is_string() ||
      !json["position"].is_string())
    return malformed();
  const auto position = Position::parse(json["position"].get<std::string>());
  if (!position) return malformed();
  return access::Exchanged{Secret(json["text"].get<std::string>()), *position};
}

}  // namespace quicklime::runtime
