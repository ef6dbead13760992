#pragma once
// A certificate serial number: RFC 5280 section 4.1.2.2.

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace quicklime {

// Positive, at most 20 octets, held as minimal big-endian bytes (no sign octet: DER adds it).
// There is no default value: a serial comes from a certificate, from outside, or from random.
class SerialNumber {
 public:
  // Leading zero octets are dropped. Zero and more than 20 octets (as DER counts, with the
  // sign octet) are refused.
  static Result<SerialNumber> from_octets(std::string_view octets);
  // Any case, colons and a leading 0x allowed: "39:DD:0a", "39dd0a".
  static Result<SerialNumber> from_hex(std::string_view text);
  // As step-ca and cfssl print serials.
  static Result<SerialNumber> from_decimal(std::string_view text);

  std::string_view octets() const { return {octets_.data(), size_}; }
  std::string hex() const;  // lower case, two digits an octet, no separators
  std::string decimal() const;

  std::strong_ordering operator<=>(const SerialNumber& other) const;  // by value
  bool operator==(const SerialNumber& other) const { return octets() == other.octets(); }

 private:
  SerialNumber() = default;
  std::array<char, 20> octets_{};
  std::uint8_t size_ = 0;
};

}  // namespace quicklime

template <>
struct std::hash<quicklime::SerialNumber> {
  std::size_t operator()(const quicklime::SerialNumber& serial) const noexcept { return std::hash<std::string_view>{}(serial.octets()); }
};
