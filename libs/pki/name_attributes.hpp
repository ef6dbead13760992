#pragma once
// Distinguished names as attributes, for who makes one or shows it in parts.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "pki/name.hpp"

namespace quicklime::pki {

struct NameAttribute {
  std::string name;   // of RFC 4514: "CN", "O", "OU", "C", "L", "ST"; of an unknown one its OID
  std::string value;  // UTF-8
  bool operator==(const NameAttribute&) const = default;
};
// In the order of the DER.
std::vector<NameAttribute> attributes_of(const Name& name);
// Each an RDN of its own, in this order. "name-malformed": one that is not known, or a value that is no directory string.
Result<Name> name_of(const std::vector<NameAttribute>& attributes);

}  // namespace quicklime::pki
