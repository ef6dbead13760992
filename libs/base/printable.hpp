#pragma once
// Text that strangers chose, before it is stored or shown.

#include <string>
#include <string_view>

namespace quicklime {

// Well-formed UTF-8 that reads alike in a log, on a terminal and in a C program: no control characters (C0, DEL, C1), none that
// turn the direction of what follows, break its line or cannot be seen.
bool is_printable(std::string_view text);
// Text that holds what looks like one of our tokens or revocation secrets (qlk_, qlr_), by a slip: it is stored nowhere.
bool shows_a_secret(std::string_view text);

// The same text with everything else written as \u{9b}, or \x{ff} for an octet that is not UTF-8. Line feeds and tabs stay if asked for.
enum class Lines { one, many };
std::string printable(std::string_view text, Lines lines = Lines::one);

}  // namespace quicklime
