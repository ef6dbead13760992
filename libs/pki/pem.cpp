#include "pki/pem.hpp"

#include <array>
#include <optional>

#include "base/encoding.hpp"
#include "base/printable.hpp"

namespace quicklime::pki {
namespace {
constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

Failure malformed_pem(std::string detail) { return fail(ErrorCode::invalid, "pem-malformed", std::move(detail)); }

// A boundary counts only at the start of a line (RFC 7468 section 2).
std::size_t find_at_line_start(std::string_view text, std::string_view what, std::size_t from) {
  for (std::size_t at = text.find(what, from); at != std::string_view::npos; at = text.find(what, at + 1)) {
    if (at == 0 || text[at - 1] == '\n' || text[at - 1] == '\r') return at;
  }
  return std::string_view::npos;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::optional<std::string> decode_body(std::string_view body) {
  std::string base64;
  base64.reserve(body.size());
  for (char c : body) {
    if (c == '-' || c == '_') return std::nullopt;  // the URL alphabet is not that of PEM
    if (!is_space(c)) base64.push_back(c);
  }
  if (base64.empty() || base64.size() % 4 != 0) return std::nullopt;
  return base64_decode(base64);
}

// The historical twins of RFC 7468 sections 5.1, 6 and 7, which parsers accept.
bool is_label(std::string_view label, std::string_view wanted) {
  struct Twin {
    std::string_view label, other;
  };
  constexpr std::array kTwins{Twin{"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"}, Twin{"CERTIFICATE", "X509 CERTIFICATE"},
                              Twin{"X509 CRL", "CRL"}};
  if (label == wanted) return true;
  for (const Twin& twin : kTwins) {
    if (wanted == twin.label && label == twin.other) return true;
  }
  return false;
}
}  // namespace

std::string pem_encode(std::string_view label, std::string_view der) {
  const std::string base64 = base64_encode(der);
  std::string text = std::string(kBegin) + std::string(label) + std::string(kDashes) + "\n";
  for (std::size_t i = 0; i < base64.size(); i += 64) text.append(base64, i, 64).push_back('\n');
  return text + std::string(kEnd) + std::string(label) + std::string(kDashes) + "\n";
}

Result<std::vector<PemBlock>> pem_decode(std::string_view text) {
  std::vector<PemBlock> blocks;
  for (std::size_t at = find_at_line_start(text, kBegin, 0); at != std::string_view::npos; at = find_at_line_start(text, kBegin, at)) {
    const std::size_t label_start = at + kBegin.size();
    const std::size_t label_end = text.find(kDashes, label_start);
    const std::string_view label = text.substr(label_start, label_end - label_start);
    if (label_end == std::string_view::npos || label.find_first_of("\r\n") != std::string_view::npos) {
      return malformed_pem("a line begins with -----BEGIN and does not end with -----");
    }
    if (!is_printable(label)) return malformed_pem("what stands between -----BEGIN and ----- is not printable text");
    const std::size_t body_start = label_end + kDashes.size();
    const std::string end = std::string(kEnd) + std::string(label) + std::string(kDashes);
    const std::size_t body_end = find_at_line_start(text, end, body_start);
    if (body_end == std::string_view::npos) return malformed_pem("the PEM block " + std::string(label.substr(0, 64)) + " has no END line");
    auto der = decode_body(text.substr(body_start, body_end - body_start));
    if (!der) {
      return malformed_pem("the PEM block " + std::string(label.substr(0, 64)) + " is not base64 (headers inside a block are not allowed)");
    }
    blocks.push_back({std::string(label), std::move(*der)});
    at = body_end + end.size();
  }
  return blocks;
}

Result<std::string> pem_or_der(std::string_view input, std::string_view label) {
  // A SEQUENCE of 128 octets or more begins with bytes that no text begins with.
  if (input.size() > 2 && input[0] == '\x30' && (static_cast<unsigned char>(input[1]) & 0x80U) != 0) return std::string(input);
  auto blocks = pem_decode(input);
  if (!blocks) return forward(std::move(blocks));
  std::string found;
  for (PemBlock& block : *blocks) {
    if (!is_label(block.label, label)) continue;
    if (!found.empty()) return malformed_pem("more than one PEM block " + std::string(label) + "; send one");
    found = std::move(block.der);
  }
  if (found.empty()) return malformed_pem("neither DER nor a PEM block -----BEGIN " + std::string(label) + "-----");
  return found;
}

}  // namespace quicklime::pki
