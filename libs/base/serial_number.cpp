#include "base/serial_number.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"

namespace quicklime {
namespace {
constexpr std::size_t kMaximumOctets = 20;

Failure malformed_serial(std::string detail) { return fail(ErrorCode::invalid, "serial-malformed", std::move(detail), "serial"); }
}  // namespace

Result<SerialNumber> SerialNumber::from_octets(std::string_view octets) {
  auto first = std::find_if(octets.begin(), octets.end(), [](char c) { return c != 0; });
  octets.remove_prefix(static_cast<std::size_t>(first - octets.begin()));
  if (octets.empty()) return malformed_serial("a serial number is positive (RFC 5280 section 4.1.2.2)");
  const bool needs_sign_octet = (static_cast<unsigned char>(octets.front()) & 0x80U) != 0;
  if (octets.size() + (needs_sign_octet ? 1U : 0U) > kMaximumOctets) {
    return malformed_serial("a serial number has at most 20 octets (RFC 5280 section 4.1.2.2)");
  }
  SerialNumber serial;
  std::copy(octets.begin(), octets.end(), serial.octets_.begin());
  serial.size_ = static_cast<std::uint8_t>(octets.size());
  return serial;
}

Result<SerialNumber> SerialNumber::from_hex(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::string digits;
  for (char c : text) {
    if (c != ':') digits.push_back(c);
  }
  if (digits.size() % 2 == 1) digits.insert(digits.begin(), '0');
  auto octets = hex_decode(digits);
  if (!octets || digits.empty()) return malformed_serial("a serial number is written in hex, colons allowed: 39:dd:0a");
  return from_octets(*octets);
}

Result<SerialNumber> SerialNumber::from_decimal(std::string_view text) {
  if (text.empty() || text.size() > 49 || !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return malformed_serial("a decimal serial number has digits only, at most 49");
  }
  std::string octets;  // little endian while it grows
  for (char c : text) {
    unsigned carry = static_cast<unsigned>(c - '0');
    for (char& octet : octets) {
      const unsigned value = static_cast<unsigned char>(octet) * 10U + carry;
      octet = static_cast<char>(value & 0xFFU);
      carry = value >> 8U;
    }
    if (carry != 0) octets.push_back(static_cast<char>(carry));
  }
  std::reverse(octets.begin(), octets.end());
  return from_octets(octets);
}

std::string SerialNumber::hex() const { return hex_encode(octets()); }

std::string SerialNumber::decimal() const {
  std::vector<unsigned> digits{0};  // little endian
  for (char octet : octets()) {
    unsigned carry = static_cast<unsigned char>(octet);
    for (unsigned& digit : digits) {
      const unsigned value = digit * 256U + carry;
      digit = value % 10U;
      carry = value / 10U;
    }
    for (; carry != 0; carry /= 10U) digits.push_back(carry % 10U);
  }
  std::string text;
  for (auto digit = digits.rbegin(); digit != digits.rend(); ++digit) text.push_back(static_cast<char>('0' + *digit));
  return text;
}

std::strong_ordering SerialNumber::operator<=>(const SerialNumber& other) const {
  if (size_ != other.size_) return size_ <=> other.size_;
  return octets().compare(other.octets()) <=> 0;
}

}  // namespace quicklime
