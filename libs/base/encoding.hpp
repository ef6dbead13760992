#pragma once
// Bytes as text. Throughout Quicklime bytes are held in std::string and seen through
// std::string_view: every library below (SQLite, Beast, Redis, JSON) speaks char.

#include <optional>
#include <string>
#include <string_view>

namespace quicklime {

std::string hex_encode(std::string_view bytes);  // lower case
std::optional<std::string> hex_decode(std::string_view text);

std::string base64_encode(std::string_view bytes);     // RFC 4648 section 4, padded
std::string base64url_encode(std::string_view bytes);  // RFC 4648 section 5, no padding
// Decodes both alphabets, with or without padding; anything else (white space too) is nullopt.
std::optional<std::string> base64_decode(std::string_view text);

std::optional<std::string> percent_decode(std::string_view text);  // RFC 3986 section 2.1; nullopt: a broken escape
std::string percent_encode(std::string_view text);                 // everything but unreserved characters

}  // namespace quicklime
