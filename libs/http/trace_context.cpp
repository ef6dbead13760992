#include "http/trace_context.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/random.hpp"

namespace quicklime::http {
namespace {

constexpr std::size_t kVersionAt = 0, kTraceAt = 3, kParentAt = 36, kFlagsAt = 53, kEnd = 55;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_zero(std::string_view text) { return text.find_first_not_of('0') == std::string_view::npos; }

}  // namespace

std::string read_traceparent(std::string_view value) {
  if (value.size() < kEnd) return {};
  const auto version = value.substr(kVersionAt, 2), trace = value.substr(kTraceAt, 32), parent = value.substr(kParentAt, 16),
             flags = value.substr(kFlagsAt, 2);
  for (const std::size_t dash : {kTraceAt - 1, kParentAt - 1, kFlagsAt - 1}) {
    if (value[dash] != '-') return {};
  }
  if (!is_hex(version) || !is_hex(trace) || !is_hex(parent) || !is_hex(flags)) return {};
  if (version == "ff" || is_zero(trace) || is_zero(parent)) return {};
  if (version == "00") return value.size() == kEnd ? std::string(value) : std::string();
  if (value.size() > kEnd && value[kEnd] != '-') return {};
  const bool sampled = std::string_view("13579bdf").find(flags.back()) != std::string_view::npos;
  return "00-" + std::string(trace) + "-" + std::string(parent) + (sampled ? "-01" : "-00");
}

std::string new_traceparent() {
  const std::string octets = hex_encode(crypto::random_bytes(24));
  return "00-" + octets.substr(0, 32) + "-" + octets.substr(32) + "-01";
}

}  // namespace quicklime::http
