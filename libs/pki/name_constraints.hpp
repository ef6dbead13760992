#pragma once
// Which names may stand below an authority: RFC 5280 section 4.2.1.10, as far as DNS names and IP addresses go.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "pki/name.hpp"

namespace quicklime::pki {

// Value type.
class NameConstraints {
 public:
  // dns: "home.lan", it and whatever is below it. ip: "10.0.0.0/8", "fd00::/8", "10.0.0.7". A kind of which nothing is permitted is
  // excluded as a whole: a CA for home.lan is none for addresses. "name-constraints-malformed"; also when both are empty.
  static Result<NameConstraints> permitting(const std::vector<std::string>& dns, const std::vector<std::string>& ip);
  // Of anybody's: constraints on other kinds of names are kept in der() and not looked at by permits().
  static Result<NameConstraints> from_der(std::string_view value);

  const std::string& der() const { return der_; }  // the content of the extension
  bool permits(const AlternativeName& name) const;
  std::string text() const;  // "permits DNS:home.lan, IP:10.0.0.0/8"
  bool operator==(const NameConstraints& other) const { return der_ == other.der_; }

 private:
  struct Subtree {
    NameKind kind;     // dns or ip
    std::string base;  // dns: lower case, empty: all; ip: address and mask, 8 or 32 octets
    bool covers(const AlternativeName& name) const;
    std::string text() const;
  };
  static Result<Subtree> parse_ip(const std::string& range);
  void write();

  std::vector<Subtree> permitted_, excluded_;
  std::string der_;
};

}  // namespace quicklime::pki
