#include "pki/name.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "pki/der.hpp"
#include "pki/name_attributes.hpp"
#include "pki/object_identifier.hpp"
#include "pki/text.hpp"

namespace quicklime::pki {
namespace {
using namespace std::string_view_literals;

constexpr std::string_view kCommonName = "\x55\x04\x03"sv;
constexpr std::string_view kOrganization = "\x55\x04\x0A"sv;

struct KnownAttribute {
  std::string_view identifier;
  std::string_view name;
};
// RFC 4514 section 3, and what openssl calls the two others that are common.
constexpr std::array kKnownAttributes{
    KnownAttribute{kCommonName, "CN"},
    KnownAttribute{kOrganization, "O"},
    KnownAttribute{"\x55\x04\x0B"sv, "OU"},
    KnownAttribute{"\x55\x04\x06"sv, "C"},
    KnownAttribute{"\x55\x04\x07"sv, "L"},
    KnownAttribute{"\x55\x04\x08"sv, "ST"},
    KnownAttribute{"\x55\x04\x09"sv, "STREET"},
    KnownAttribute{"\x55\x04\x05"sv, "serialNumber"},
    KnownAttribute{"\x55\x04\x04"sv, "SN"},
    KnownAttribute{"\x55\x04\x2A"sv, "GN"},
    KnownAttribute{"\x55\x04\x0C"sv, "title"},
    KnownAttribute{"\x09\x92\x26\x89\x93\xF2\x2C\x64\x01\x19"sv, "DC"},
    KnownAttribute{"\x09\x92\x26\x89\x93\xF2\x2C\x64\x01\x01"sv, "UID"},
    KnownAttribute{"\x2A\x86\x48\x86\xF7\x0D\x01\x09\x01"sv, "emailAddress"},
};

std::string attribute_name(std::string_view identifier) {
  for (const KnownAttribute& known : kKnownAttributes) {
    if (known.identifier == identifier) return std::string(known.name);
  }
  return oid_text(identifier);
}

struct Attribute {
  std::string_view identifier;
  std::string value;  // UTF-8
};

// One inner vector per RelativeDistinguishedName.
// Name ::= SEQUENCE OF RelativeDistinguishedName, RelativeDistinguishedName ::= SET OF SEQUENCE { type OBJECT IDENTIFIER, value }
std::optional<std::vector<std::vector<Attribute>>> read_rdns(std::string_view der) {
  DerReader outer(der);
  auto sequence = outer.enter(Tag::sequence);
  if (!sequence || !outer.empty()) return std::nullopt;
  std::vector<std::vector<Attribute>> rdns;
  while (!sequence->empty()) {
    auto set = sequence->enter(Tag::set);
    if (!set || set->empty()) return std::nullopt;
    std::vector<Attribute> attributes;
    std::string_view previous;
    while (!set->empty()) {
      DerReader ahead = *set;
      const auto encoded = ahead.encoded(Tag::sequence);
      auto fields = set->enter(Tag::sequence);
      const auto identifier = fields ? fields->value(Tag::object_identifier) : std::nullopt;
      if (!identifier || !is_oid(*identifier)) return std::nullopt;
      const auto string = fields->any();
      if (!string || !fields->empty() || *encoded <= previous) return std::nullopt;  // SET OF is sorted, X.690 section 11.6
      auto value = read_directory_string(string->tag, string->value);
      if (!value) return std::nullopt;
      attributes.push_back({*identifier, std::move(*value)});
      previous = *encoded;
    }
    rdns.push_back(std::move(attributes));
  }
  return rdns;
}

void append_rdn(std::string& out, std::string_view identifier, std::string_view value, Tag kind = Tag::utf8_string) {
  std::string attribute = der(Tag::object_identifier, identifier);
  append_der(attribute, kind, value);
  append_der(out, Tag::set, der(Tag::sequence, attribute));
}

// RFC 4514 section 2.4
std::string escaped(std::string_view value) {
  std::string text;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    const bool special = std::string_view("\"+,;<>\\").find(c) != std::string_view::npos;
    const bool at_an_end = (c == ' ' && (i == 0 || i + 1 == value.size())) || (c == '#' && i == 0);
    if (special || at_an_end) text.push_back('\\');
    text.push_back(c);
  }
  return text;
}
}  // namespace

Name Name::common_name(std::string_view common_name) {
  std::string rdns;
  append_rdn(rdns, kCommonName, common_name);
  return Name(pki::der(Tag::sequence, rdns));
}

Name Name::organization_and_common_name(std::string_view organization, std::string_view common_name) {
  std::string rdns;
  append_rdn(rdns, kOrganization, organization);
  append_rdn(rdns, kCommonName, common_name);
  return Name(pki::der(Tag::sequence, rdns));
}

Name Name::empty() { return Name(pki::der(Tag::sequence, {})); }

Result<Name> Name::from_der(std::string_view der) {
  if (!read_rdns(der)) {
    return fail(ErrorCode::invalid, "name-malformed",
                "the distinguished name is not well-formed DER, or has an empty value, a control character or an unknown kind of string",
                "subject");
  }
  return Name(std::string(der));
}

std::string Name::common_name() const {
  std::string last;
  const auto rdns = read_rdns(der_);
  if (!rdns) return last;
  for (const auto& rdn : *rdns) {
    for (const Attribute& attribute : rdn) {
      if (attribute.identifier == kCommonName) last = attribute.value;
    }
  }
  return last;
}

std::string Name::text() const {
  std::string text;
  auto rdns = read_rdns(der_);
  if (!rdns) return text;
  std::reverse(rdns->begin(), rdns->end());  // RFC 4514 section 2.1: starting with the last
  for (const auto& rdn : *rdns) {
    for (std::size_t i = 0; i < rdn.size(); ++i) {
      if (!text.empty()) text += i == 0 ? "," : "+";
      text += attribute_name(rdn[i].identifier) + "=" + escaped(rdn[i].value);
    }
  }
  return text;
}

bool Name::is_empty() const { return der_.size() == 2; }

std::vector<NameAttribute> attributes_of(const Name& name) {
  std::vector<NameAttribute> all;
  const auto rdns = read_rdns(name.der());
  if (!rdns) return all;
  for (const auto& rdn : *rdns) {
    for (const Attribute& attribute : rdn) all.push_back({attribute_name(attribute.identifier), attribute.value});
  }
  return all;
}

Result<Name> name_of(const std::vector<NameAttribute>& attributes) {
  std::string rdns;
  for (const auto& attribute : attributes) {
    const auto known = std::find_if(kKnownAttributes.begin(), kKnownAttributes.end(),
                                    [&](const KnownAttribute& one) { return one.name == attribute.name; });
    if (known == kKnownAttributes.end())
      return fail(ErrorCode::invalid, "name-malformed", "a name has no attribute " + attribute.name, "subject");
    // RFC 5280 appendix A.1: X520countryName and X520SerialNumber are PrintableStrings.
    const bool printable = attribute.name == "C" || attribute.name == "serialNumber";
    const bool ia5 = attribute.name == "emailAddress" || attribute.name == "DC";
    append_rdn(rdns, known->identifier, attribute.value, printable ? Tag::printable_string : ia5 ? Tag::ia5_string : Tag::utf8_string);
  }
  return Name::from_der(der(Tag::sequence, rdns));
}

}  // namespace quicklime::pki
