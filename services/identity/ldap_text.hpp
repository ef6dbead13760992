#pragma once
// Text of strangers inside LDAP filters and names, where it must stay text.

#include <string>
#include <string_view>

namespace quicklime::identity {

std::string filter_value(std::string_view text);  // RFC 4515 section 3: `*)(uid=*` is a name that nobody has
std::string dn_value(std::string_view text);      // RFC 4514 section 2.4: `alice,ou=admins` is one name, and no place

struct Filling {
  std::string_view placeholder;  // "{name}"
  std::string value;             // escaped already
};
// Every placeholder of the template by its value; what a value holds is never looked at again.
std::string filled(std::string_view text, std::initializer_list<Filling> fillings);

// As DNs and names of groups are compared: without the case of ASCII letters.
std::string folded(std::string_view text);

}  // namespace quicklime::identity
