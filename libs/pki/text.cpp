#include "pki/text.hpp"

#include <algorithm>

#include "base/printable.hpp"

namespace quicklime::pki {
namespace {
constexpr unsigned octet(char c) { return static_cast<unsigned char>(c); }

bool is_printable_string(char c) {  // X.680 section 41.4; '*', '@', '_' and '&' are common and harmless
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view(" '()+,-./:=?*@_&").find(c) != std::string_view::npos;
}

void append_utf8(std::string& out, unsigned code) {
  if (code < 0x80U) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800U) {
    out.push_back(static_cast<char>(0xC0U | (code >> 6U)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  } else {
    out.push_back(static_cast<char>(0xE0U | (code >> 12U)));
    out.push_back(static_cast<char>(0x80U | ((code >> 6U) & 0x3FU)));
    out.push_back(static_cast<char>(0x80U | (code & 0x3FU)));
  }
}

std::string from_ucs2(std::string_view octets) {
  std::string text;
  for (std::size_t i = 0; i + 1 < octets.size(); i += 2) append_utf8(text, (octet(octets[i]) << 8U) | octet(octets[i + 1]));
  return text;
}

std::string from_latin1(std::string_view octets) {
  std::string text;
  for (char c : octets) append_utf8(text, octet(c));
  return text;
}
}  // namespace

std::optional<std::string> read_directory_string(Tag tag, std::string_view octets) {
  std::string text;
  switch (tag) {
    case Tag::utf8_string: text = std::string(octets); break;
    case Tag::printable_string:
      if (!std::all_of(octets.begin(), octets.end(), is_printable_string)) return std::nullopt;
      text = std::string(octets);
      break;
    case Tag::ia5_string:
      if (!std::all_of(octets.begin(), octets.end(), [](char c) { return octet(c) < 0x80U; })) return std::nullopt;
      text = std::string(octets);
      break;
    case Tag::teletex_string: text = from_latin1(octets); break;  // T.61 on paper, Latin-1 in practice
    case Tag::bmp_string:
      if (octets.size() % 2 != 0) return std::nullopt;
      text = from_ucs2(octets);
      break;
    default: return std::nullopt;
  }
  if (text.empty() || !is_printable(text)) return std::nullopt;
  return text;
}

std::size_t count_characters(std::string_view utf8) {
  return static_cast<std::size_t>(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (octet(c) & 0xC0U) != 0x80U; }));
}

}  // namespace quicklime::pki
