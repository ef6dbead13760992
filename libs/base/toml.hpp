#pragma once
// A TOML file as flat settings: "listen.https" -> value. Which keys exist and what they mean is libs/runtime's.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"

namespace quicklime {

struct TomlValue {
  std::variant<std::string, std::int64_t, bool, std::vector<std::string>> value;
  std::size_t line;
};

// Nested tables become dotted keys. Refuses what no setting uses (dates, floats, arrays of anything but strings),
// naming file, line and key: "configuration-malformed".
Result<std::map<std::string, TomlValue>> parse_toml(std::string_view text, std::string_view file_name);

}  // namespace quicklime
