#include "views/spaces.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace quicklime::views {
namespace {

// The least string above all that begin with this prefix; none above 0xff 0xff ...
std::optional<std::string> past(std::string prefix) {
  while (!prefix.empty() && static_cast<unsigned char>(prefix.back()) == 0xff) prefix.pop_back();
  if (prefix.empty()) return std::nullopt;
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1);
  return prefix;
}

std::string text(const std::optional<Position>& position) { return position ? position->text() : "empty"; }

}  // namespace

Range range_of(const Scan& scan) {
  Range range{scan.prefix, past(scan.prefix)};
  if (scan.from.empty()) return range;
  if (scan.direction == Direction::ascending) {
    range.lower = std::max(range.lower, scan.from);
  } else {
    std::string above = scan.from + '\0';  // the least string above `from`, which itself is included
    if (!range.upper || above < *range.upper) range.upper = std::move(above);
  }
  return range;
}

Failure space_unknown(const std::string& name, SpaceKind kind) {
  return fail(ErrorCode::internal, "space-unknown",
              "the view has no " + std::string(kind == SpaceKind::points ? "points" : "index") + " named " + name);
}

Failure view_missing() {
  return fail(Error{ErrorCode::unavailable, "view-missing", "the view is empty: it is being folded from the log", "", 1});
}

Failure view_moved(const std::optional<Position>& expected, const std::optional<Position>& found) {
  return fail(ErrorCode::conflict, "view-moved", "the view stands at " + text(found) + ", not at " + text(expected));
}

std::vector<Space> sorted(std::vector<Space> spaces) {
  std::sort(spaces.begin(), spaces.end(), [](const Space& a, const Space& b) { return a.name < b.name; });
  return spaces;
}

std::string dump_line(const Space& space, std::string_view key, std::string_view value) {
  std::string line = space.name + ' ' + hex_encode(key);
  if (space.kind == SpaceKind::points) line += ' ' + hex_encode(value);
  return line + '\n';
}

std::string dump_end(const std::optional<Position>& position) { return "position " + text(position) + '\n'; }

}  // namespace quicklime::views
