#include "base/printable.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <utility>

namespace quicklime {
namespace {

constexpr std::uint32_t octet_at(char c) { return static_cast<unsigned char>(c); }

// The code point at this place and how many octets it takes; nullopt: not UTF-8 (RFC 3629).
std::optional<std::pair<std::uint32_t, std::size_t>> code_point(std::string_view text) {
  const std::uint32_t first = octet_at(text.front());
  if (first < 0x80U) return std::pair(first, std::size_t{1});
  if (first < 0xC2U || first > 0xF4U) return std::nullopt;
  const std::size_t length = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (text.size() < length) return std::nullopt;
  std::uint32_t code = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet_at(text[i]) & 0xC0U) != 0x80U) return std::nullopt;
    code = (code << 6U) | (octet_at(text[i]) & 0x3FU);
  }
  const bool overlong = (length == 3 && code < 0x800U) || (length == 4 && code < 0x10000U);
  const bool surrogate = code >= 0xD800U && code <= 0xDFFFU;
  if (overlong || surrogate || code > 0x10FFFFU) return std::nullopt;
  return std::pair(code, length);
}

// Controls, what turns the direction or breaks the line of a text, and what nobody sees.
constexpr std::array<std::pair<std::uint32_t, std::uint32_t>, 9> kNotShown{{{0x00, 0x1F},
                                                                            {0x7F, 0x9F},
                                                                            {0x061C, 0x061C},
                                                                            {0x200B, 0x200B},
                                                                            {0x200E, 0x200F},
                                                                            {0x2028, 0x202E},
                                                                            {0x2060, 0x206F},
                                                                            {0xFEFF, 0xFEFF},
                                                                            {0xE0000, 0xE007F}}};

bool is_shown(std::uint32_t code) {
  return std::none_of(kNotShown.begin(), kNotShown.end(), [&](const auto& range) { return code >= range.first && code <= range.second; });
}

}  // namespace

bool is_printable(std::string_view text) {
  while (!text.empty()) {
    const auto code = code_point(text);
    if (!code || !is_shown(code->first)) return false;
    text.remove_prefix(code->second);
  }
  return true;
}

std::string printable(std::string_view text, Lines lines) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto code = code_point(text);
    const std::size_t length = code ? code->second : 1;
    const bool layout = lines == Lines::many && (text.front() == '\n' || text.front() == '\t');
    if (code && (layout || is_shown(code->first))) {
      shown.append(text.substr(0, length));
    } else {
      char escaped[16];
      std::snprintf(escaped, sizeof escaped, code ? "\\u{%x}" : "\\x{%x}",
                    static_cast<unsigned>(code ? code->first : octet_at(text.front())));
      shown += escaped;
    }
    text.remove_prefix(length);
  }
  return shown;
}

bool shows_a_secret(std::string_view text) {
  for (const char* sign : {"qlk_", "qlr_", "PRIVATE KEY-----"}) {
    if (text.find(sign) != std::string_view::npos) return true;
  }
  return false;
}

}  // namespace quicklime
