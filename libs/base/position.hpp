#pragma once
// Where an event stands in the log, and so how far a view has come.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace quicklime {

// "<epoch>.<offset>". Offsets count events from 0 without gaps. The epoch is 0 until a
// restore that lost events raises it, so positions of before never compare equal to later ones.
struct Position {
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;

  std::string text() const;
  static Result<Position> parse(std::string_view text);
  auto operator<=>(const Position&) const = default;
};

}  // namespace quicklime
