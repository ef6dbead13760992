#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "pki/der.hpp"
#include "pki/name.hpp"

namespace quicklime::pki {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

// For messages: what came from outside, made harmless and short.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text.substr(0, 80)) out.push_back(c > ' ' && c < 0x7F ? c : '?');
  return out + (text.size() > 80 ? "...'" : "'");
}

Failure malformed(NameKind kind, std::string_view value, std::string_view why) {
  return fail(ErrorCode::invalid, "name-malformed",
              std::string(text(kind)) + " name " + quoted(value) + " is not well-formed: " + std::string(why), "subjectAltName");
}

// Labels of letters, digits and hyphens (RFC 1123 section 2.1). Null when well-formed, else what is wrong.
const char* dns_fault(std::string_view name) {
  if (name.empty()) return "it is empty";
  if (name.size() > 253) return "it is longer than 253 characters";
  std::string_view label;
  for (std::string_view rest = name;;) {
    const std::size_t dot = rest.find('.');
    label = rest.substr(0, dot);
    if (label.empty()) return dot == std::string_view::npos ? "it ends with a dot" : "it has an empty label";
    if (label.size() > 63) return "a label is longer than 63 characters";
    if (!std::all_of(label.begin(), label.end(), [](char c) { return is_letter(c) || is_digit(c) || c == '-'; })) {
      return "a label has characters other than letters, digits and hyphens (a wildcard stands alone as the left label)";
    }
    if (label.front() == '-' || label.back() == '-') return "a label begins or ends with a hyphen";
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  // RFC 3696 section 2: the last label of a host name is not all digits; such a name is an address.
  if (std::all_of(label.begin(), label.end(), is_digit)) return "its last label has digits only, as an IP address has";
  return nullptr;
}

Result<std::string> make_dns(std::string_view value) {
  std::string_view rest = value;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  if (const char* fault = dns_fault(rest)) return malformed(NameKind::dns, value, fault);
  if (value.size() > 253) return malformed(NameKind::dns, value, "it is longer than 253 characters");
  return lower(value);
}

std::optional<std::string> ip_octets(std::string_view value) {
  const std::string text(value);
  if (text.find('\0') != std::string::npos) return std::nullopt;
  std::string octets(16, '\0');
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return octets;
  octets.resize(4);
  if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) return octets;
  return std::nullopt;
}

std::string ip_text(std::string_view octets) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(octets.size() == 4 ? AF_INET : AF_INET6, octets.data(), text.data(), text.size());
  return text.data();
}

Result<std::string> make_ip(std::string_view value) {
  const auto octets = ip_octets(value);
  if (!octets) return malformed(NameKind::ip, value, "write 10.0.0.7 or fd00::7, without a prefix length or a zone");
  return ip_text(*octets);
}

Result<std::string> make_email(std::string_view value) {
  const std::size_t at = value.find('@');
  if (at == std::string_view::npos) return malformed(NameKind::email, value, "write local@domain");
  const std::string_view local = value.substr(0, at);
  const std::string_view domain = value.substr(at + 1);
  const bool atoms = !local.empty() && local.size() <= 64 && local.front() != '.' && local.back() != '.' &&
                     local.find("..") == std::string_view::npos && std::all_of(local.begin(), local.end(), [](char c) {
                       return is_letter(c) || is_digit(c) || is_one_of(c, ".!#$%&'*+-/=?^_`{|}~");  // RFC 5322 section 3.2.3
                     });
  if (!atoms) return malformed(NameKind::email, value, "the part before the @ is not a dot-atom of at most 64 characters");
  if (const char* fault = dns_fault(domain)) return malformed(NameKind::email, value, std::string("the domain: ") + fault);
  return std::string(local) + "@" + lower(domain);
}

bool percent_escapes_hold(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))) return false;
  }
  return true;
}

const char* authority_fault(std::string_view authority) {
  std::string_view host = authority;
  if (host.find('@') != std::string_view::npos) return "it names a user; leave out what stands before the @";
  if (host.starts_with('[')) {
    const std::size_t end = host.find(']');
    if (end == std::string_view::npos) return "the address in brackets does not end";
    const auto octets = ip_octets(host.substr(1, end - 1));
    if (!octets || octets->size() != 16) return "what stands in brackets is not an IPv6 address";
    host.remove_prefix(end + 1);
    if (!host.empty() && host.front() != ':') return "something other than a port follows the address";
  } else {
    const std::size_t colon = host.find(':');
    const std::string_view name = host.substr(0, colon);
    if (name.empty()) return "it has no host";
    // reg-name, RFC 3986 section 3.2.2, without escapes: SPIFFE trust domains have underscores, host names do not
    if (!std::all_of(name.begin(), name.end(), [](char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-._~"); })) {
      return "the host has characters other than letters, digits and -._~";
    }
    host = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
  }
  if (host.size() > 6 || !std::all_of(host.begin() + (host.empty() ? 0 : 1), host.end(), is_digit)) return "the port is not a number";
  return nullptr;
}

constexpr std::string_view kRolePath = "role/";

Result<std::string> make_uri(std::string_view value) {
  if (value.size() > 2048) return malformed(NameKind::uri, value, "it is longer than 2048 characters");
  const std::size_t colon = value.find(':');
  const std::string_view scheme = value.substr(0, colon == std::string_view::npos ? 0 : colon);
  if (scheme.empty() || !is_letter(scheme.front()) ||
      !std::all_of(scheme.begin(), scheme.end(), [](char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "+-."); })) {
    return malformed(NameKind::uri, value, "it has no scheme");
  }
  const std::string_view rest = value.substr(colon + 1);
  // RFC 3986 section 2; a fragment is no part of an absolute URI (section 4.3)
  const bool characters =
      std::all_of(rest.begin(), rest.end(), [](char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-._~:/?[]@!$&'()*+,;=%"); });
  if (!characters || !percent_escapes_hold(rest)) return malformed(NameKind::uri, value, "it has characters that RFC 3986 does not allow");
  if (lower(scheme) == "urn") {  // RFC 8141 section 2: urn:<namespace>:<specific>
    const std::size_t second = rest.find(':');
    if (second == std::string_view::npos || second == 0 || second + 1 == rest.size()) {
      return malformed(NameKind::uri, value, "a URN has a namespace and a name: urn:uuid:...");
    }
    return lower(scheme) + ":" + std::string(rest);
  }
  if (lower(scheme) == "quicklime") {  // ours, of the peers in a cluster (ca/role_uri.hpp): one form, so that it is compared as it is
    const std::string_view role = rest.substr(std::min(rest.size(), kRolePath.size()));
    const bool letters = std::all_of(role.begin(), role.end(), [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
    if (!rest.starts_with(kRolePath) || role.empty() || role.size() > 63 || !letters) {
      return malformed(NameKind::uri, value, "of the scheme quicklime there is only quicklime:role/<name>, in lower case");
    }
    return "quicklime:" + std::string(rest);
  }
  if (!rest.starts_with("//")) return malformed(NameKind::uri, value, "it has no authority (//host)");
  const std::string_view after = rest.substr(2);
  const std::string_view authority = after.substr(0, after.find_first_of("/?"));
  if (const char* fault = authority_fault(authority)) return malformed(NameKind::uri, value, fault);
  // Scheme and host are compared without case (RFC 3986 section 6.2.2.1): kept in one form.
  return lower(scheme) + "://" + lower(authority) + std::string(after.substr(authority.size()));
}

// User names of Microsoft's directories look like e-mail addresses (MS-ADA3, userPrincipalName).
Result<std::string> make_upn(std::string_view value) {
  auto email = make_email(value);
  if (!email) return malformed(NameKind::upn, value, "write user@domain");
  return email;
}

// primary[/instance]@REALM of RFC 4120 section 6, in the characters that need no quoting.
Result<std::string> make_kerberos(std::string_view value) {
  const auto plain = [](std::string_view part) {
    return !part.empty() && part.size() <= 128 &&
           std::all_of(part.begin(), part.end(), [](char c) { return is_letter(c) || is_digit(c) || is_one_of(c, "-._"); });
  };
  const std::size_t at = value.find('@');
  const std::string_view principal = value.substr(0, at);
  const std::size_t slash = principal.find('/');
  const bool instance = slash == std::string_view::npos || plain(principal.substr(slash + 1));
  if (at == std::string_view::npos || !plain(value.substr(at + 1)) || !plain(principal.substr(0, slash)) || !instance) {
    return malformed(NameKind::kerberos, value, "write user@REALM or service/host@REALM");
  }
  return std::string(value);
}

using namespace std::string_view_literals;
constexpr std::string_view kUpn = "\x2B\x06\x01\x04\x01\x82\x37\x14\x02\x03"sv;  // 1.3.6.1.4.1.311.20.2.3
constexpr std::string_view kKerberos = "\x2B\x06\x01\x05\x02\x02"sv;             // id-pkinit-san, RFC 4556 section 3.2.2
constexpr Tag kOtherName = context_constructed(0);
constexpr auto kGeneralString = static_cast<Tag>(0x1B);

// KRB5PrincipalName ::= SEQUENCE { realm [0] Realm, principalName [1] SEQUENCE { name-type [0] Int32, name-string [1] SEQUENCE OF
//                                                                                                     KerberosString } }, all EXPLICIT
std::string kerberos_principal(std::string_view value) {
  const std::size_t at = value.find('@');
  std::string_view rest = value.substr(0, at);
  const std::uint64_t type = rest.find('/') == std::string_view::npos ? 1 : 2;  // NT-PRINCIPAL, NT-SRV-INST
  std::string parts;
  for (;;) {
    const std::size_t slash = rest.find('/');
    append_der(parts, kGeneralString, rest.substr(0, slash));
    if (slash == std::string_view::npos) break;
    rest.remove_prefix(slash + 1);
  }
  std::string name = der(context_constructed(0), der_integer(type));
  append_der(name, context_constructed(1), der(Tag::sequence, parts));
  std::string principal = der(context_constructed(0), der(kGeneralString, value.substr(at + 1)));
  append_der(principal, context_constructed(1), der(Tag::sequence, name));
  return der(Tag::sequence, principal);
}

std::optional<std::string> read_kerberos_principal(DerReader value) {
  auto fields = value.enter(Tag::sequence);
  auto realm_field = fields ? fields->enter(context_constructed(0)) : std::nullopt;
  const auto realm = realm_field ? realm_field->value(kGeneralString) : std::nullopt;
  auto name_field = realm ? fields->enter(context_constructed(1)) : std::nullopt;
  auto name = name_field ? name_field->enter(Tag::sequence) : std::nullopt;
  auto type_field = name ? name->enter(context_constructed(0)) : std::nullopt;
  const auto type = type_field ? type_field->small_integer() : std::nullopt;
  auto parts_field = type ? name->enter(context_constructed(1)) : std::nullopt;
  auto parts = parts_field ? parts_field->enter(Tag::sequence) : std::nullopt;
  if (!parts || !value.empty() || !fields->empty()) return std::nullopt;
  std::string text;
  while (!parts->empty()) {
    const auto part = parts->value(kGeneralString);
    if (!part) return std::nullopt;
    text += (text.empty() ? "" : "/") + std::string(*part);
  }
  return text + "@" + std::string(*realm);
}

// OtherName ::= SEQUENCE { type-id OBJECT IDENTIFIER, value [0] EXPLICIT ANY }, IMPLICIT
std::string other_name(const AlternativeName& name) {
  const bool is_upn = name.kind == NameKind::upn;
  const std::string value = is_upn ? der(Tag::utf8_string, name.value) : kerberos_principal(name.value);
  return der(Tag::object_identifier, is_upn ? kUpn : kKerberos) + der(context_constructed(0), value);
}

// nullopt: of another type.
std::optional<Result<AlternativeName>> read_other_name(std::string_view content) {
  DerReader fields(content);
  const auto type = fields.value(Tag::object_identifier);
  auto wrapped = type ? fields.enter(context_constructed(0)) : std::nullopt;
  if (!wrapped || (*type != kUpn && *type != kKerberos)) return std::nullopt;
  std::optional<std::string> value;
  if (*type == kUpn) {
    if (const auto text = wrapped->value(Tag::utf8_string); text && wrapped->empty()) value = std::string(*text);
  } else {
    value = read_kerberos_principal(*wrapped);
  }
  return AlternativeName::make(*type == kUpn ? NameKind::upn : NameKind::kerberos, fields.empty() ? value.value_or("") : "");
}

// GeneralName, RFC 5280 section 4.2.1.6
std::optional<NameKind> kind_of(Tag tag) {
  if (tag == context(1)) return NameKind::email;
  if (tag == context(2)) return NameKind::dns;
  if (tag == context(6)) return NameKind::uri;
  if (tag == context(7)) return NameKind::ip;
  return std::nullopt;
}

Tag tag_of(NameKind kind) {
  switch (kind) {
    case NameKind::email: return context(1);
    case NameKind::dns: return context(2);
    case NameKind::uri: return context(6);
    case NameKind::ip: return context(7);
    case NameKind::upn:
    case NameKind::kerberos: return kOtherName;
  }
  return Tag::null;
}

Result<AlternativeName> decode(NameKind kind, std::string_view octets) {
  if (kind != NameKind::ip) return AlternativeName::make(kind, octets);
  if (octets.size() != 4 && octets.size() != 16) {
    return fail(ErrorCode::invalid, "name-malformed", "an IP address in the subjectAltName must have 4 or 16 octets", "subjectAltName");
  }
  return AlternativeName{NameKind::ip, ip_text(octets)};
}

}  // namespace

std::string_view text(NameKind kind) {
  switch (kind) {
    case NameKind::dns: return "DNS";
    case NameKind::ip: return "IP";
    case NameKind::email: return "email";
    case NameKind::uri: return "URI";
    case NameKind::upn: return "UPN";
    case NameKind::kerberos: return "kerberos";
  }
  return {};
}

Result<NameKind> parse_name_kind(std::string_view wanted) {
  std::string known;
  for (const NameKind kind : {NameKind::dns, NameKind::ip, NameKind::email, NameKind::uri, NameKind::upn, NameKind::kerberos}) {
    if (lower(text(kind)) == lower(wanted)) return kind;
    known += (known.empty() ? "" : ", ") + lower(text(kind));
  }
  return fail(ErrorCode::invalid, "name-kind-unknown", "there is no kind of name " + quoted(wanted) + "; there are " + known);
}

Result<AlternativeName> AlternativeName::make(NameKind kind, std::string_view value) {
  auto canonical = kind == NameKind::dns        ? make_dns(value)
                   : kind == NameKind::ip       ? make_ip(value)
                   : kind == NameKind::email    ? make_email(value)
                   : kind == NameKind::upn      ? make_upn(value)
                   : kind == NameKind::kerberos ? make_kerberos(value)
                                                : make_uri(value);
  if (!canonical) return forward(std::move(canonical));
  return AlternativeName{kind, std::move(*canonical)};
}

Result<AlternativeName> AlternativeName::guess(std::string_view value) {
  const bool digits_and_dots = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) { return is_digit(c) || c == '.'; });
  const auto colon = value.find(':');
  const std::string scheme = colon == std::string_view::npos ? "" : lower(value.substr(0, colon));
  if (scheme == "upn") return make(NameKind::upn, value.substr(colon + 1));
  if (scheme == "kerberos") return make(NameKind::kerberos, value.substr(colon + 1));
  if (value.find("://") != std::string_view::npos || scheme == "urn" || scheme == "quicklime") return make(NameKind::uri, value);
  if (value.find('@') != std::string_view::npos) return make(NameKind::email, value);
  if (digits_and_dots || value.find(':') != std::string_view::npos) return make(NameKind::ip, value);
  return make(NameKind::dns, value);
}

std::string AlternativeName::text() const { return std::string(pki::text(kind)) + ":" + value; }

std::string encode_alternative_names(const std::vector<AlternativeName>& names) {
  std::string list;
  for (const AlternativeName& name : names) {
    if (tag_of(name.kind) == kOtherName) {
      append_der(list, kOtherName, other_name(name));
    } else if (name.kind == NameKind::ip) {
      append_der(list, tag_of(name.kind), ip_octets(name.value).value_or(std::string()));
    } else {
      append_der(list, tag_of(name.kind), name.value);
    }
  }
  return der(Tag::sequence, list);
}

// GeneralNames ::= SEQUENCE OF GeneralName; of its choices rfc822Name [1], dNSName [2], uniformResourceIdentifier [6] (IA5String) and
// iPAddress [7] (OCTET STRING) are read, and of otherName [0] two types, all IMPLICIT.
Result<std::vector<AlternativeName>> decode_alternative_names(std::string_view der, std::size_t maximum, OtherKinds others) {
  const auto refused = [](std::string reason, std::string detail) {
    return fail(ErrorCode::invalid, std::move(reason), std::move(detail), "subjectAltName");
  };
  DerReader outer(der);
  auto list = outer.enter(Tag::sequence);
  if (!list || !outer.empty()) return refused("name-malformed", "the subjectAltName is not a SEQUENCE of names in DER");
  if (list->empty()) return refused("name-malformed", "the subjectAltName is empty");
  std::vector<AlternativeName> names;
  std::set<AlternativeName> seen;
  while (!list->empty()) {
    const auto element = list->any();
    if (!element) return refused("name-malformed", "the subjectAltName is not well-formed DER");
    const auto kind = kind_of(element->tag);
    auto other = element->tag == kOtherName ? read_other_name(element->value) : std::nullopt;
    if (!kind && !other && others == OtherKinds::skip) continue;
    if (!kind && !other)
      return refused("name-malformed", "the subjectAltName has a name that is neither DNS, IP, e-mail, URI, UPN nor Kerberos");
    if (names.size() >= maximum) return refused("too-many-names", "more than " + std::to_string(maximum) + " names in one certificate");
    auto name = other ? std::move(*other) : decode(*kind, element->value);
    if (!name) return forward(std::move(name));
    if (!seen.insert(*name).second) continue;  // the same name again, perhaps in capitals
    names.push_back(std::move(*name));
  }
  return names;
}

}  // namespace quicklime::pki
