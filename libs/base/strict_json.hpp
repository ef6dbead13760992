#pragma once
// JSON that means the same to whoever reads it.

#include <string_view>

namespace quicklime {

// The text is one JSON object in UTF-8, no object in it has two members of one name (parsers differ in which of them counts, RFC 8259
// section 4), nothing in it is nested deeper than 16, and it holds 2,000 values at most. For what is signed and for what decides.
bool is_strict_json_object(std::string_view text);

}  // namespace quicklime
