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

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_space(char c) { return is_blank(c) || c == '\r' || c == '\n'; }

// Editors put it before UTF-8 text, and joining files puts it between blocks.
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// With a byte order mark, or with a zero beside the first character.
bool is_utf16(std::string_view text) {
  return text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF") ||
         (text.size() > 1 && (text[0] == '\0') != (text[1] == '\0') && (text[0] == '-' || text[1] == '-'));
}

// Whether nothing but blanks stands before it in its line, or behind the last block, where that ended in the same line.
bool begins_line(std::string_view text, std::size_t at, std::size_t last_block_end) {
  std::string_view before = text.substr(last_block_end, at - last_block_end);
  for (;;) {
    if (before.empty() || before.back() == '\n' || before.back() == '\r') return true;
    if (is_blank(before.back())) {
      before.remove_suffix(1);
    } else if (before.ends_with(kByteOrderMark)) {
      before.remove_suffix(kByteOrderMark.size());
    } else {
      return false;
    }
  }
}

// "\\n" for a line's end: what environment variables, and JSON that was quoted twice, make of it.
std::string with_line_ends(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r');
    out.push_back(escape ? '\n' : text[i]);
    if (escape) ++i;
  }
  return out;
}

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
  if (is_utf16(text)) return malformed_pem("the text is UTF-16, as some Windows tools write it; save it as UTF-8 or ASCII");
  std::string unescaped;
  if (text.find("\\n") != std::string_view::npos) text = unescaped = with_line_ends(text);
  std::vector<PemBlock> blocks;
  std::size_t last_end = 0;
  for (std::size_t at = text.find(kBegin); at != std::string_view::npos; at = text.find(kBegin, at)) {
    const std::size_t label_start = at + kBegin.size();
    const std::size_t label_end = text.find(kDashes, label_start);
    const std::string_view label = text.substr(label_start, label_end - label_start);
    const bool whole = label_end != std::string_view::npos && label.find_first_of("\r\n") == std::string_view::npos;
    if (!begins_line(text, at, last_end)) {
      // A block that is read past in silence is how another one behind it is taken for it.
      if (whole) return malformed_pem("something stands before -----BEGIN in its line; a block begins a line");
      at = label_start;
      continue;
    }
    if (!whole) return malformed_pem("a line begins with -----BEGIN and does not end with -----");
    if (!is_printable(label)) return malformed_pem("what stands between -----BEGIN and ----- is not printable text");
    const std::size_t body_start = label_end + kDashes.size();
    const std::string end = std::string(kEnd) + std::string(label) + std::string(kDashes);
    const std::size_t body_end = text.find(end, body_start);
    if (body_end == std::string_view::npos) return malformed_pem("the PEM block " + std::string(label.substr(0, 64)) + " has no END line");
    auto der = decode_body(text.substr(body_start, body_end - body_start));
    if (!der) {
      return malformed_pem("the PEM block " + std::string(label.substr(0, 64)) + " is not base64 (headers inside a block are not allowed)");
    }
    blocks.push_back({std::string(label), std::move(*der)});
    at = last_end = body_end + end.size();
  }
  return blocks;
}

bool holds_private_key(std::string_view text) { return text.find("PRIVATE KEY-----") != std::string_view::npos; }

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
  if (blocks->empty()) {
    // Bare base64 of a DER SEQUENCE.
    auto der = decode_body(input);
    if (der && der->front() == '\x30') return *std::move(der);
  }
  if (found.empty()) return malformed_pem("neither DER nor a PEM block -----BEGIN " + std::string(label) + "-----");
  return found;
}

}  // namespace quicklime::pki
