#include "base/position.hpp"

#include <charconv>

namespace quicklime {

std::string Position::text() const { return std::to_string(epoch) + "." + std::to_string(offset); }

Result<Position> Position::parse(std::string_view text) {
  Position position;
  const char* end = text.data() + text.size();
  auto epoch = std::from_chars(text.data(), end, position.epoch);
  if (epoch.ec == std::errc{} && epoch.ptr != end && *epoch.ptr == '.') {
    auto offset = std::from_chars(epoch.ptr + 1, end, position.offset);
    if (offset.ec == std::errc{} && offset.ptr == end) return position;
  }
  return fail(ErrorCode::invalid, "position-malformed", "a position has the form <epoch>.<offset>, such as 0.42");
}

}  // namespace quicklime
