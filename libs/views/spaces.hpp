#pragma once
// What every backend makes of spaces, scans and dumps. Of this library only.

#include <optional>
#include <string>

#include "views/view_store.hpp"

namespace quicklime::views {

// Keys k with lower <= k, and k < upper if there is one.
struct Range {
  std::string lower;
  std::optional<std::string> upper;
};
Range range_of(const Scan& scan);

// "space-unknown": a mistake of the caller's.
Failure space_unknown(const std::string& name, SpaceKind kind);
Failure view_missing();
Failure view_moved(const std::optional<Position>& expected, const std::optional<Position>& found);

// Spaces by name, so that the order of their declaration does not show in a dump.
std::vector<Space> sorted(std::vector<Space> spaces);
std::string dump_line(const Space& space, std::string_view key, std::string_view value);  // value: of points
std::string dump_end(const std::optional<Position>& position);

}  // namespace quicklime::views
