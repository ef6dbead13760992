#pragma once
// Distinguished names and subject alternative names: RFC 5280 sections 4.1.2.4 and 4.2.1.6.

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::pki {

// A distinguished name, as DER plus the parts a CA reads. Value type.
class Name {
 public:
  static Name common_name(std::string_view common_name);  // CN, UTF8String
  static Name organization_and_common_name(std::string_view organization, std::string_view common_name);
  static Name empty();
  static Result<Name> from_der(std::string_view der);

  const std::string& der() const { return der_; }
  std::string common_name() const;  // the last CN, UTF-8; empty when there is none
  std::string text() const;         // RFC 4514: "CN=api.internal,O=Acme"
  bool is_empty() const;
  bool operator==(const Name& other) const { return der_ == other.der_; }

 private:
  explicit Name(std::string der) : der_(std::move(der)) {}
  std::string der_;
};

// The four of RFC 5280, and two otherNames: userPrincipalName (Microsoft, 1.3.6.1.4.1.311.20.2.3) and KRB5PrincipalName (RFC 4556
// section 3.2.2).
enum class NameKind : std::uint8_t { dns, ip, email, uri, upn, kerberos };
std::string_view text(NameKind kind);                     // "DNS", "IP", "email", "URI", "UPN", "kerberos"
Result<NameKind> parse_name_kind(std::string_view text);  // any letter case; "name-kind-unknown"

// One subject alternative name, well-formed by construction.
struct AlternativeName {
  NameKind kind;
  // dns: lower case, LDH labels of 1-63, 253 in all, no final dot, wildcard only as the whole left
  // label, at least one label behind it, the last label not all digits. ip: 4 or 16 octets in text (RFC 5952).
  // email: local@dns. upn: the same. kerberos: primary[/instance]@REALM, "krbtgt/EXAMPLE.COM@EXAMPLE.COM".
  // uri: absolute, with a scheme and either an authority (no user) or, for urn:, a path;
  // scheme and authority in lower case. Of our own scheme: "quicklime:role/<name>", name of a-z, 0-9 and -, 63 at most.
  std::string value;

  static Result<AlternativeName> make(NameKind kind, std::string_view value);
  // What people type: "api.internal", "10.0.0.7", "ops@example.com", "spiffe://...", "upn:alice@corp.example",
  // "kerberos:alice@EXAMPLE.COM".
  static Result<AlternativeName> guess(std::string_view value);
  std::string text() const;  // "DNS:api.internal"
  auto operator<=>(const AlternativeName&) const = default;
};

// The content of a subjectAltName extension (GeneralNames).
std::string encode_alternative_names(const std::vector<AlternativeName>& names);
// Refuses malformed names, kinds other than these, NUL octets, duplicates, an empty list,
// and more than maximum names: "too-many-names". Other kinds may be skipped where one reads what others issued.
enum class OtherKinds : bool { refuse, skip };
Result<std::vector<AlternativeName>> decode_alternative_names(std::string_view der, std::size_t maximum = 100,
                                                              OtherKinds others = OtherKinds::refuse);

}  // namespace quicklime::pki
