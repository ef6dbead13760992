#pragma once
// "Did you mean": the word among those known that was probably meant.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace quicklime {

// The known word with the fewest edits (insertion, removal, replacement, neighbours swapped), when that is few enough for
// its length to be a slip; a known word that begins with this one counts as near too. nullopt: nothing is near.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace quicklime
