#pragma once
// Which names may be certified: allow and deny patterns. Used for the whole CA and for each grant.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pki/name.hpp"

namespace quicklime::ca {

// Patterns, kind guessed or given in front ("dns:", "ip:", "email:", "uri:", "upn:", "kerberos:"):
//   api.internal          this name                 10.0.0.7        this address
//   *.load.internal       one label in its place    10.0.0.0/8      this range, fd00::/8
//   upn:*@corp.example    of a user name            kerberos:*@EXAMPLE.COM   of a principal: any, services too
//   **.internal           one or more labels        *@example.com   any local part
//   **                    every DNS name            spiffe://td/*   any rest (uri: * matches any characters; the
//                                                                   host part must be literal)
//   *                     every name of every kind
// A URI with dot segments ("spiffe://td/a/../b") is covered only by itself, as an exact pattern; so is a role of the CA's own
// processes ("quicklime:role/ocsp").
// A certificate's own wildcard name "*.load.internal" is covered by the patterns "*.load.internal", "**.internal", "**", "*";
// and denied by every deny pattern that names something it would stand for: "secret.load.internal".
class NamePolicy {
 public:
  // "pattern-malformed" with the pattern and the reason in the text. An empty allow list allows nothing.
  static Result<NamePolicy> make(const std::vector<std::string>& allow, const std::vector<std::string>& deny);
  static NamePolicy everything();

  // Deny wins, and some addresses are never permitted: the unspecified ones, and IPv6 addresses that stand for an IPv4 address, which
  // a rule about IPv4 would miss. `denied` with "name-denied" (naming the deny pattern, or why) or "name-not-granted" (naming what is
  // allowed); field "subjectAltName".
  Result<void> permits(const pki::AlternativeName& name) const;
  // The grant must lie within this policy? No: policies are checked one after the other, for each name.
  const std::vector<std::string>& allow() const { return allow_text_; }

 private:
  struct Pattern {
    enum class Form : unsigned char {
      any,
      dns_exact,
      dns_one_label,
      dns_subtree,
      dns_any,
      ip_range,
      email_exact,
      email_domain,
      uri_exact,
      uri_prefix
    } form;
    std::string text;                           // as written, for messages
    std::string value{};                        // what is compared
    pki::NameKind kind = pki::NameKind::email;  // of the two e-mail forms, which user names and principals have too
    unsigned prefix_bits = 0;                   // ip_range
    bool matches(const pki::AlternativeName& name) const;
    bool within(const pki::AlternativeName& wildcard) const;  // an exact DNS pattern that the wildcard stands for
  };
  static Result<Pattern> parse(std::string_view text);
  static Result<Pattern> parse_dns(std::string_view text, Pattern pattern);
  static Result<Pattern> parse_ip(std::string_view text, Pattern pattern);
  static Result<Pattern> parse_email(std::string_view text, Pattern pattern, pki::NameKind kind);
  static Result<Pattern> parse_uri(std::string_view text, Pattern pattern);
  std::vector<std::string> allow_text_;
  std::vector<Pattern> allow_;
  std::vector<Pattern> deny_;
};

}  // namespace quicklime::ca
