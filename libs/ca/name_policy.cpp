#include "ca/name_policy.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <optional>

#include "ca/role_uri.hpp"

namespace quicklime::ca {
namespace {

using pki::AlternativeName;
using pki::NameKind;

Failure malformed(std::string_view pattern, const std::string& why) {
  return fail(ErrorCode::invalid, "pattern-malformed", "the name pattern \"" + std::string(pattern) + "\" " + why, "/names");
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// 4 or 16 octets.
std::optional<std::string> address_octets(std::string_view text) {
  const std::string terminated(text);
  if (terminated.find('\0') != std::string::npos) return std::nullopt;
  std::array<char, 16> octets{};
  if (inet_pton(AF_INET, terminated.c_str(), octets.data()) == 1) return std::string(octets.data(), 4);
  if (inet_pton(AF_INET6, terminated.c_str(), octets.data()) == 1) return std::string(octets.data(), 16);
  return std::nullopt;
}

bool same_prefix(std::string_view left, std::string_view right, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (left.substr(0, whole) != right.substr(0, whole)) return false;
  if (bits % 8 == 0) return true;
  const auto mask = static_cast<unsigned char>(0xFFU << (8 - bits % 8));
  return ((static_cast<unsigned char>(left[whole]) ^ static_cast<unsigned char>(right[whole])) & mask) == 0;
}

// "spiffe://td/a/../b" begins with "spiffe://td/a/" and yet lies outside it: who reads the certificate may resolve dot
// segments (RFC 3986 section 5.2.4) or escapes first, and what a pattern says of such a name is worth nothing.
bool has_dot_segment(const AlternativeName& name) {
  if (name.kind != NameKind::uri) return false;
  std::string path = lower(name.value.substr(0, name.value.find('?')));
  for (auto at = path.find("%2e"); at != std::string::npos; at = path.find("%2e")) path.replace(at, 3, ".");
  for (auto at = path.find("%2f"); at != std::string::npos; at = path.find("%2f")) path.replace(at, 3, "/");
  path += '/';
  return path.find("/./") != std::string::npos || path.find("/../") != std::string::npos;
}

// Addresses that are nobody's, and IPv6 addresses that stand for an IPv4 address, which a rule about IPv4 would miss: write that. Null:
// none of these.
const char* never_certified(const AlternativeName& name) {
  if (name.kind != NameKind::ip) return nullptr;
  const auto octets = address_octets(name.value);
  if (!octets) return nullptr;
  if (octets->find_first_not_of('\0') == std::string::npos) return "it is the unspecified address";
  if (octets->size() == 4) return nullptr;
  struct Range {
    std::string_view prefix;
    const char* fault;
  };
  static constexpr std::array kRanges{
      Range{{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12}, "it stands for an IPv4 address (RFC 4291 section 2.5.5.2); ask for that one"},
      Range{{"\0\0\0\0\0\0\0\0\xFF\xFF\0\0", 12}, "it stands for an IPv4 address (RFC 2765, translated); ask for that one"},
      Range{{"\x00\x64\xFF\x9B", 4}, "it stands for an IPv4 address (RFC 6052, RFC 8215); ask for that one"},
      Range{{"\x20\x02", 2}, "it stands for an IPv4 address (6to4, RFC 3056); ask for that one"},
      Range{{"\x20\x01\x00\x00", 4}, "it stands for an IPv4 address (Teredo, RFC 4380); ask for that one"},
  };
  for (const Range& range : kRanges) {
    if (octets->starts_with(range.prefix)) return range.fault;
  }
  constexpr std::string_view kLoopback("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1", 16);
  if (octets->starts_with(kLoopback.substr(0, 12)) && *octets != kLoopback) {
    return "it stands for an IPv4 address (RFC 4291 section 2.5.5.1); ask for that one";
  }
  const std::string_view interface_id = std::string_view(*octets).substr(8, 4);
  if (interface_id == std::string_view("\x00\x00\x5E\xFE", 4) || interface_id == std::string_view("\x02\x00\x5E\xFE", 4)) {
    return "it stands for an IPv4 address (ISATAP, RFC 5214); ask for that one";
  }
  return nullptr;
}

// The name behind a left label: "load.internal" of "x.load.internal".
std::string_view parent_of(std::string_view dns) {
  const auto dot = dns.find('.');
  return dot == std::string_view::npos ? std::string_view() : dns.substr(dot + 1);
}

}  // namespace

Result<NamePolicy::Pattern> NamePolicy::parse(std::string_view text) {
  Pattern pattern{.form = Pattern::Form::any, .text = std::string(text)};
  if (text == "*") return pattern;
  const auto colon = text.find(':');
  const std::string kind = lower(text.substr(0, colon == std::string_view::npos ? 0 : colon));
  const std::string_view rest = colon == std::string_view::npos ? text : text.substr(colon + 1);
  if (kind == "dns") return parse_dns(rest, std::move(pattern));
  if (kind == "ip") return parse_ip(rest, std::move(pattern));
  if (kind == "email") return parse_email(rest, std::move(pattern), NameKind::email);
  if (kind == "upn") return parse_email(rest, std::move(pattern), NameKind::upn);
  if (kind == "kerberos") return parse_email(rest, std::move(pattern), NameKind::kerberos);
  if (kind == "uri") return parse_uri(rest, std::move(pattern));
  if (text.find("://") != std::string_view::npos || kind == "urn" || kind == "quicklime") return parse_uri(text, std::move(pattern));
  if (text.find('@') != std::string_view::npos) return parse_email(text, std::move(pattern), NameKind::email);
  if (address_octets(text.substr(0, text.find('/')))) return parse_ip(text, std::move(pattern));
  return parse_dns(text, std::move(pattern));
}

Result<NamePolicy::Pattern> NamePolicy::parse_dns(std::string_view text, Pattern pattern) {
  if (text == "**") {
    pattern.form = Pattern::Form::dns_any;
    return pattern;
  }
  pattern.form = Pattern::Form::dns_exact;
  if (text.starts_with("**.")) {
    pattern.form = Pattern::Form::dns_subtree;
    text.remove_prefix(3);
  } else if (text.starts_with("*.")) {
    pattern.form = Pattern::Form::dns_one_label;
    text.remove_prefix(2);
  }
  const auto name = AlternativeName::make(NameKind::dns, text);
  if (!name) return malformed(pattern.text, "is not a DNS name: " + name.error().detail);
  if (name->value.find('*') != std::string::npos) return malformed(pattern.text, "may have * or ** only in place of its left labels");
  pattern.value = name->value;
  return pattern;
}

Result<NamePolicy::Pattern> NamePolicy::parse_ip(std::string_view text, Pattern pattern) {
  const auto slash = text.find('/');
  const auto octets = address_octets(text.substr(0, slash));
  if (!octets) return malformed(pattern.text, "is not an address or a range such as 10.0.0.0/8");
  const auto width = static_cast<unsigned>(octets->size() * 8);
  unsigned bits = width;
  if (slash != std::string_view::npos) {
    const std::string_view number = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), bits);
    if (error != std::errc{} || end != number.data() + number.size() || bits > width) {
      return malformed(pattern.text, "has no prefix length between 0 and " + std::to_string(width));
    }
  }
  // 10.0.0.7/8 is one address to some readers and sixteen million to others: say which.
  for (unsigned bit = bits; bit < width; ++bit) {
    if ((static_cast<unsigned char>((*octets)[bit / 8]) >> (7 - bit % 8)) & 1U)
      return malformed(pattern.text, "has bits set behind its prefix");
  }
  pattern.form = Pattern::Form::ip_range;
  pattern.value = *octets;
  pattern.prefix_bits = bits;
  return pattern;
}

Result<NamePolicy::Pattern> NamePolicy::parse_email(std::string_view text, Pattern pattern, NameKind kind) {
  const bool any_local = text.starts_with("*@");
  const auto name = AlternativeName::make(kind, any_local ? "any" + std::string(text.substr(1)) : std::string(text));
  if (!name) return malformed(pattern.text, "is not one of the kind " + std::string(pki::text(kind)) + ": " + name.error().detail);
  pattern.kind = kind;
  pattern.form = any_local ? Pattern::Form::email_domain : Pattern::Form::email_exact;
  pattern.value = any_local ? name->value.substr(name->value.rfind('@')) : name->value;
  return pattern;
}

Result<NamePolicy::Pattern> NamePolicy::parse_uri(std::string_view text, Pattern pattern) {
  pattern.form = Pattern::Form::uri_exact;
  std::string literal(text);
  if (literal.ends_with('*')) {
    pattern.form = Pattern::Form::uri_prefix;
    literal.pop_back();
    const auto authority = literal.find("://");
    if (authority == std::string::npos || literal.find('/', authority + 3) == std::string::npos) {
      return malformed(pattern.text, "must name its host in full before the *: spiffe://trust.domain/*");
    }
  }
  if (literal.find('*') != std::string::npos) return malformed(pattern.text, "may have * only at its end");
  const auto name = AlternativeName::make(NameKind::uri, literal);
  if (!name) return malformed(pattern.text, "is not a URI: " + name.error().detail);
  pattern.value = name->value;
  return pattern;
}

bool NamePolicy::Pattern::matches(const AlternativeName& name) const {
  switch (form) {
    case Form::any: return true;
    case Form::dns_any: return name.kind == NameKind::dns;
    case Form::dns_exact: return name.kind == NameKind::dns && name.value == value;
    case Form::dns_one_label: return name.kind == NameKind::dns && parent_of(name.value) == value;
    case Form::dns_subtree: return name.kind == NameKind::dns && name.value.size() > value.size() + 1 && name.value.ends_with("." + value);
    case Form::ip_range: {
      if (name.kind != NameKind::ip) return false;
      const auto octets = address_octets(name.value);
      return octets && octets->size() == value.size() && same_prefix(*octets, value, prefix_bits);
    }
    case Form::email_exact: return name.kind == kind && name.value == value;
    case Form::email_domain: return name.kind == kind && name.value.ends_with(value);
    case Form::uri_exact: return name.kind == NameKind::uri && name.value == value;
    case Form::uri_prefix: return name.kind == NameKind::uri && name.value.starts_with(value);
  }
  return false;
}

bool NamePolicy::Pattern::within(const AlternativeName& wildcard) const {
  return form == Form::dns_exact && wildcard.kind == NameKind::dns && wildcard.value.starts_with("*.") &&
         parent_of(value) == parent_of(wildcard.value);
}

Result<NamePolicy> NamePolicy::make(const std::vector<std::string>& allow, const std::vector<std::string>& deny) {
  NamePolicy policy;
  policy.allow_text_ = allow;
  for (const auto& [texts, patterns] : {std::pair(&allow, &policy.allow_), std::pair(&deny, &policy.deny_)}) {
    for (const std::string& text : *texts) {
      auto pattern = parse(text);
      if (!pattern) return forward(pattern);
      patterns->push_back(*std::move(pattern));
    }
  }
  return policy;
}

NamePolicy NamePolicy::everything() {
  NamePolicy policy;
  policy.allow_text_ = {"*"};
  policy.allow_ = {Pattern{.form = Pattern::Form::any, .text = "*"}};
  return policy;
}

Result<void> NamePolicy::permits(const AlternativeName& name) const {
  if (const char* fault = never_certified(name)) {
    return fail(ErrorCode::denied, "name-denied", name.text() + " is never certified: " + fault, "subjectAltName");
  }
  for (const Pattern& pattern : deny_) {
    if (pattern.matches(name) || pattern.within(name)) {
      return fail(ErrorCode::denied, "name-denied", name.text() + " is denied by the pattern \"" + pattern.text + "\"", "subjectAltName");
    }
  }
  const bool only_exact = has_dot_segment(name) || is_role_uri(name);
  const auto allows = [&](const Pattern& pattern) {
    return pattern.matches(name) && (!only_exact || pattern.form == Pattern::Form::uri_exact);
  };
  if (std::any_of(allow_.begin(), allow_.end(), allows)) return {};
  std::string allowed;
  for (const std::string& text : allow_text_) allowed += (allowed.empty() ? "" : ", ") + text;
  return fail(ErrorCode::denied, "name-not-granted",
              name.text() + " is not among the names allowed here: " + (allowed.empty() ? "none" : allowed), "subjectAltName");
}

}  // namespace quicklime::ca
