#include "ocsp/get_path.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "base/encoding.hpp"
#include "base/work.hpp"

namespace quicklime::ocsp {
namespace {

// More slashes than this never went missing from one request that a client sent by GET.
constexpr std::size_t kMissing = 3;

bool is_base64(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' || c == '_';
  });
}

// The characters without what clients and proxies put around them; nullopt: others than those of base64.
std::optional<std::string> base64_in(std::string_view rest_of_path) {
  if (rest_of_path.size() > kLongestPath) return std::nullopt;
  auto text = percent_decode(rest_of_path);
  if (!text) return std::nullopt;
  std::replace(text->begin(), text->end(), ' ', '+');
  // DER of a SEQUENCE begins with 0x30, so its base64 never begins with a slash.
  text->erase(0, text->find_first_not_of('/'));
  text->erase(text->find_last_not_of('=') + 1);
  if (!is_base64(*text)) return std::nullopt;
  return text;
}

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

struct Readings {
  std::size_t tried = 0;
  std::vector<pki::OcspRequest> found{};
};

void read(const std::string& text, Readings& readings) {
  ++readings.tried;
  work::count(work::Kind::ocsp_reading);
  const auto der = base64_decode(text);
  if (!der) return;
  if (auto request = pki::OcspRequest::parse(*der)) readings.found.push_back(*std::move(request));
}

// Every way to put `missing` slashes back beside those that are there, from this position on.
void restore_slashes(const std::string& text, std::size_t from, std::size_t missing, Readings& readings) {
  if (missing == 0) return read(text, readings);
  for (auto at = text.find('/', from); at != std::string::npos && readings.tried < kReadings; at = text.find('/', at + 1)) {
    // A run that has grown grows at its end only, so that no reading comes twice.
    restore_slashes(text.substr(0, at) + "/" + text.substr(at), at + 1, missing - 1, readings);
  }
}

}  // namespace

std::vector<pki::OcspRequest> requests_in_path(std::string_view rest_of_path) {
  const auto text = base64_in(rest_of_path);
  if (!text) return {};
  const auto expected = expected_length(*text);
  if (expected < text->size() || expected - text->size() > kMissing) return {};
  Readings readings;
  restore_slashes(*text, 0, expected - text->size(), readings);
  // Whoever cannot be read in one way asks for one certificate: no reading costs the view more than a POST may.
  if (readings.found.size() > 1) std::erase_if(readings.found, [](const auto& request) { return request.cert_ids.size() > 1; });
  return std::move(readings.found);
}

}  // namespace quicklime::ocsp
