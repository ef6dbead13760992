#pragma once
// Bodies of the renewal role; the certificate's is api::issued_json.

#include <string>
#include <string_view>

#include "base/position.hpp"
#include "base/serial_number.hpp"

namespace quicklime::renewal {

std::string challenge_json(const SerialNumber& serial, std::string_view challenge, Position position);

}  // namespace quicklime::renewal
