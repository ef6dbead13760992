#pragma once
// Internal: the character sets of ASN.1 strings.

#include <optional>
#include <string>
#include <string_view>

#include "pki/der.hpp"

namespace quicklime::pki {

// A DirectoryString or IA5String as UTF-8, if its octets are of its kind, not empty, and printable.
std::optional<std::string> read_directory_string(Tag tag, std::string_view octets);
std::size_t count_characters(std::string_view utf8);

}  // namespace quicklime::pki
