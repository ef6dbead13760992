#pragma once
// The one DER reader and writer (ITU-T X.690). On the hot paths; OpenSSL's parsers are its oracle in tests.
//
// Strict: definite lengths in their shortest form, low tag numbers, lengths within the input.
// A failed read is nullopt and leaves the reader where it was; callers turn it into an Error that
// names the field. It stands here and not in libs/pki because public keys are DER too.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace quicklime::crypto {

enum class Tag : std::uint8_t {
  boolean = 0x01,
  integer = 0x02,
  bit_string = 0x03,
  octet_string = 0x04,
  null = 0x05,
  object_identifier = 0x06,
  enumerated = 0x0A,
  utf8_string = 0x0C,
  printable_string = 0x13,
  teletex_string = 0x14,
  ia5_string = 0x16,
  utc_time = 0x17,
  generalized_time = 0x18,
  bmp_string = 0x1E,
  sequence = 0x30,
  set = 0x31,
};
constexpr Tag context(unsigned number) { return static_cast<Tag>(0x80U | number); }              // [n] IMPLICIT primitive
constexpr Tag context_constructed(unsigned number) { return static_cast<Tag>(0xA0U | number); }  // [n] EXPLICIT, or constructed

// A bounds-checked cursor over borrowed bytes: the input outlives the reader and every view it gives.
class DerReader {
 public:
  explicit DerReader(std::string_view input) : rest_(input) {}

  bool empty() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  bool next_is(Tag tag) const { return !rest_.empty() && static_cast<std::uint8_t>(rest_.front()) == static_cast<std::uint8_t>(tag); }

  struct Element {
    Tag tag;
    std::string_view value;    // content octets
    std::string_view encoded;  // tag, length and content
  };
  std::optional<Element> any();                        // moves past it
  std::optional<std::string_view> value(Tag tag);      // content of the next element, if it has this tag
  std::optional<std::string_view> encoded(Tag tag);    // the same, with tag and length
  std::optional<DerReader> enter(Tag tag);             // a reader over the content
  std::optional<std::string_view> unsigned_integer();  // INTEGER >= 0, minimal; without sign octet; zero is empty
  std::optional<std::uint64_t> small_integer();        // INTEGER 0..2^63-1
  std::optional<bool> boolean();                       // 00 or FF only
  std::optional<std::string_view> bit_string();        // whole octets (no unused bits)

 private:
  std::string_view rest_;
};

// Writing: to a new string, or to the end of one.
// Constructed elements are written inside out, or behind der_header().
std::string der(Tag tag, std::string_view content);
void append_der(std::string& out, Tag tag, std::string_view content);
std::string der_header(Tag tag, std::size_t content_size);  // tag and length alone, for content that is appended later
std::string der_integer(std::string_view unsigned_octets);  // adds the sign octet where needed
std::string der_integer(std::uint64_t value);
std::string der_bit_string(std::string_view octets);
std::string der_boolean_true();

}  // namespace quicklime::crypto
