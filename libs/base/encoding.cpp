#include "base/encoding.hpp"

#include <array>
#include <cstdint>

namespace quicklime {
namespace {
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::uint8_t kNotADigit = 0xFF;

constexpr std::array<std::uint8_t, 256> base64_values() {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNotADigit);
  for (std::size_t i = 0; i < 64; ++i) {
    values[static_cast<unsigned char>(kBase64[i])] = static_cast<std::uint8_t>(i);
    values[static_cast<unsigned char>(kBase64Url[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}
constexpr auto kBase64Values = base64_values();

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::uint32_t octet(char c) { return static_cast<unsigned char>(c); }

// Certificates travel in base64 several times over: written by index into text of the right length.
std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
  const std::size_t left = bytes.size() % 3;
  std::string text(bytes.size() / 3 * 4 + (left == 0 ? 0 : padded ? 4 : left + 1), '=');
  char* next = text.data();
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3) {
    const std::uint32_t group = octet(bytes[i]) << 16U | octet(bytes[i + 1]) << 8U | octet(bytes[i + 2]);
    *next++ = alphabet[group >> 18U];
    *next++ = alphabet[(group >> 12U) & 63U];
    *next++ = alphabet[(group >> 6U) & 63U];
    *next++ = alphabet[group & 63U];
  }
  if (left != 0) {
    const std::uint32_t group = octet(bytes[i]) << 16U | (left == 2 ? octet(bytes[i + 1]) << 8U : 0U);
    *next++ = alphabet[group >> 18U];
    *next++ = alphabet[(group >> 12U) & 63U];
    if (left == 2) *next++ = alphabet[(group >> 6U) & 63U];
  }
  return text;
}
}  // namespace

std::string hex_encode(std::string_view bytes) {
  std::string text(bytes.size() * 2, '0');
  char* next = text.data();
  for (const char c : bytes) {
    *next++ = kHexDigits[octet(c) >> 4U];
    *next++ = kHexDigits[octet(c) & 15U];
  }
  return text;
}

std::optional<std::string> hex_decode(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string base64_encode(std::string_view bytes) { return encode(bytes, kBase64, true); }
std::string base64url_encode(std::string_view bytes) { return encode(bytes, kBase64Url, false); }

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.ends_with('=') && text.size() % 4 != 0) return std::nullopt;
  for (int padding = 0; padding < 2 && text.ends_with('='); ++padding) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t group = 0;
  unsigned bits = 0;
  for (char c : text) {
    const std::uint8_t value = kBase64Values[static_cast<unsigned char>(c)];
    if (value == kNotADigit) return std::nullopt;
    group = (group << 6U) | value;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((group >> bits) & 0xFFU));
    }
  }
  if ((group & ((1U << bits) - 1U)) != 0) return std::nullopt;  // one text for one value, RFC 4648 section 3.5
  return bytes;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_value(text[i + 1]);
    const int low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    decoded.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return decoded;
}

// RFC 3986 section 2.3: what need not be escaped anywhere.
std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const bool unreserved =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      encoded.push_back(c);
    } else {
      const std::uint32_t value = octet(c);
      encoded.push_back('%');
      encoded.push_back(digits[value >> 4U]);
      encoded.push_back(digits[value & 15U]);
    }
  }
  return encoded;
}

}  // namespace quicklime
