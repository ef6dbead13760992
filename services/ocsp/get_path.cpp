#include "ocsp/get_path.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "http/message.hpp"

namespace quicklime::ocsp {
namespace {

// More slashes than this never went missing from one request that a client sent by GET (RFC 5019: 255 characters).
constexpr std::size_t kMissing = 3;
constexpr std::size_t kReadings = 64;

// How long base64 of this DER SEQUENCE is without padding, from its first octets; 0: not a SEQUENCE.
std::size_t expected_length(std::string_view base64) {
  const auto head = base64_decode(base64.substr(0, 8));
  if (!head || head->size() < 4 || (*head)[0] != 0x30) return 0;
  const auto octet = [&](std::size_t index) { return static_cast<std::size_t>(static_cast<unsigned char>((*head)[index])); };
  std::size_t size = 0;
  if (octet(1) < 0x80) {
    size = 2 + octet(1);
  } else if (octet(1) == 0x81) {
    size = 3 + octet(2);
  } else if (octet(1) == 0x82) {
    size = 4 + (octet(2) << 8U) + octet(3);
  }
  return (size * 4 + 2) / 3;
}

// Every way to put `missing` slashes back beside those that are there, from this position on.
void restore_slashes(const std::string& text, std::size_t from, std::size_t missing, std::vector<std::string>& readings) {
  if (readings.size() >= kReadings) return;
  if (missing == 0) {
    if (auto decoded = base64_decode(text)) readings.push_back(std::move(*decoded));
    return;
  }
  for (auto at = text.find('/', from); at != std::string::npos; at = text.find('/', at + 1)) {
    // A run that has grown grows at its end only, so that no reading comes twice.
    restore_slashes(text.substr(0, at) + "/" + text.substr(at), at + 1, missing - 1, readings);
  }
}

}  // namespace

std::vector<std::string> requests_in_path(std::string_view rest_of_path) {
  auto text = http::percent_decode(rest_of_path);
  if (!text) return {};
  std::replace(text->begin(), text->end(), ' ', '+');
  // DER of a SEQUENCE begins with 0x30, so its base64 never begins with a slash and never with "=".
  text->erase(0, text->find_first_not_of('/'));
  text->erase(text->find_last_not_of('=') + 1);
  std::vector<std::string> readings;
  const auto expected = expected_length(*text);
  const auto missing = expected > text->size() ? expected - text->size() : 0;
  if (missing <= kMissing) restore_slashes(*text, 0, missing, readings);
  return readings;
}

}  // namespace quicklime::ocsp
