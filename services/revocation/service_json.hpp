#pragma once
// Bodies of the revocation role.

#include <optional>
#include <string>
#include <vector>

#include "base/position.hpp"
#include "ca/status.hpp"
#include "http/message.hpp"

namespace quicklime::revocation {

// What one certificate has become; `since` of the status only once the view knows it.
struct StatusAnswer {
  SerialNumber serial;
  ca::Status status;
  Position position;
};
std::string status_json(const StatusAnswer& answer);
std::string revocations_json(const std::vector<StatusAnswer>& answers, Position position);

}  // namespace quicklime::revocation
