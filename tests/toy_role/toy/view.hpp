#pragma once
// What the role keeps: a count, under one key.

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "views/view_store.hpp"

namespace quicklime::toy {

// The event. Its kind is not one of those that every version knows (libs/events/types.hpp), so it says that who does not know it may
// pass over it.
inline constexpr const char* kPlayed = "toy.played/1-0-0";

views::Space count_space();
views::PointKey count_key();
// Decimal; nullopt, the key that is not there: 0.
Result<std::uint64_t> decode_count(const std::optional<std::string>& value);

}  // namespace quicklime::toy
