#include "crypto/der.hpp"

namespace quicklime::crypto {
namespace {
constexpr std::uint8_t octet(char c) { return static_cast<std::uint8_t>(c); }
constexpr std::size_t kShortForm = 0x80;  // lengths below it are one octet, X.690 section 8.1.3.4

void append_length(std::string& out, std::size_t length) {
  if (length < kShortForm) {
    out.push_back(static_cast<char>(length));
    return;
  }
  unsigned octets = 1;
  while (octets < sizeof(length) && (length >> (8U * octets)) != 0) ++octets;
  out.push_back(static_cast<char>(kShortForm | octets));
  for (unsigned i = octets; i-- > 0;) out.push_back(static_cast<char>((length >> (8U * i)) & 0xFFU));
}
}  // namespace

std::optional<DerReader::Element> DerReader::any() {
  if (rest_.size() < 2) return std::nullopt;
  const std::uint8_t tag = octet(rest_[0]);
  if ((tag & 0x1FU) == 0x1FU) return std::nullopt;  // high tag number: nothing in X.509 has one
  std::size_t length = octet(rest_[1]);
  std::size_t header = 2;
  if (length >= kShortForm) {
    const std::size_t octets = length - kShortForm;
    // 0 octets is the indefinite length of BER. Four octets say 4 GiB, more than any input.
    if (octets == 0 || octets > 4 || rest_.size() < header + octets) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < octets; ++i) length = (length << 8U) | octet(rest_[header + i]);
    if (length < kShortForm || (length >> (8U * (octets - 1))) == 0) return std::nullopt;  // not the shortest form
    header += octets;
  }
  if (rest_.size() - header < length) return std::nullopt;
  const Element element{static_cast<Tag>(tag), rest_.substr(header, length), rest_.substr(0, header + length)};
  rest_.remove_prefix(header + length);
  return element;
}

std::optional<std::string_view> DerReader::value(Tag tag) {
  if (!next_is(tag)) return std::nullopt;
  const auto element = any();
  if (!element) return std::nullopt;
  return element->value;
}

std::optional<std::string_view> DerReader::encoded(Tag tag) {
  if (!next_is(tag)) return std::nullopt;
  const auto element = any();
  if (!element) return std::nullopt;
  return element->encoded;
}

std::optional<DerReader> DerReader::enter(Tag tag) {
  const auto content = value(tag);
  if (!content) return std::nullopt;
  return DerReader(*content);
}

std::optional<std::string_view> DerReader::unsigned_integer() {
  DerReader ahead = *this;
  auto content = ahead.value(Tag::integer);
  if (!content || content->empty() || octet(content->front()) >= 0x80U) return std::nullopt;
  if (content->front() == 0) {
    content->remove_prefix(1);
    if (!content->empty() && octet(content->front()) < 0x80U) return std::nullopt;  // a sign octet without need
  }
  *this = ahead;
  return content;
}

std::optional<std::uint64_t> DerReader::small_integer() {
  DerReader ahead = *this;
  const auto octets = ahead.unsigned_integer();
  if (!octets || octets->size() > 8 || (octets->size() == 8 && octet(octets->front()) >= 0x80U)) return std::nullopt;
  std::uint64_t number = 0;
  for (char c : *octets) number = (number << 8U) | octet(c);
  *this = ahead;
  return number;
}

std::optional<bool> DerReader::boolean() {
  DerReader ahead = *this;
  const auto content = ahead.value(Tag::boolean);
  if (!content || content->size() != 1 || (octet(content->front()) != 0 && octet(content->front()) != 0xFFU)) return std::nullopt;
  *this = ahead;
  return content->front() != 0;
}

std::optional<std::string_view> DerReader::bit_string() {
  DerReader ahead = *this;
  auto content = ahead.value(Tag::bit_string);
  if (!content || content->empty() || content->front() != 0) return std::nullopt;
  content->remove_prefix(1);
  *this = ahead;
  return content;
}

void append_der(std::string& out, Tag tag, std::string_view content) {
  out.push_back(static_cast<char>(tag));
  append_length(out, content.size());
  out.append(content);
}

std::string der_header(Tag tag, std::size_t content_size) {
  std::string out(1, static_cast<char>(tag));
  append_length(out, content_size);
  return out;
}

std::string der(Tag tag, std::string_view content) {
  std::string out;
  out.reserve(content.size() + 6);
  append_der(out, tag, content);
  return out;
}

std::string der_integer(std::string_view unsigned_octets) {
  while (!unsigned_octets.empty() && unsigned_octets.front() == 0) unsigned_octets.remove_prefix(1);
  std::string content;
  if (unsigned_octets.empty() || octet(unsigned_octets.front()) >= 0x80U) content.push_back('\0');
  content.append(unsigned_octets);
  return der(Tag::integer, content);
}

std::string der_integer(std::uint64_t value) {
  std::string octets;
  for (unsigned i = sizeof(value); i-- > 0;) octets.push_back(static_cast<char>((value >> (8U * i)) & 0xFFU));
  return der_integer(octets);
}

std::string der_bit_string(std::string_view octets) {
  std::string content(1, '\0');  // no unused bits
  content.append(octets);
  return der(Tag::bit_string, content);
}

std::string der_boolean_true() { return der(Tag::boolean, "\xFF"); }

}  // namespace quicklime::crypto
