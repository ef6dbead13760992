#pragma once
// PEM (RFC 7468): text armour around DER.

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::pki {

struct PemBlock {
  std::string label;  // "CERTIFICATE"
  std::string der;
};

std::string pem_encode(std::string_view label, std::string_view der);  // 64 columns, final newline
// Every block in order; text between blocks is allowed (openssl writes it), headers inside are not. Read as well: blanks or a byte
// order mark before a block, a block whose line ends are gone, blanks, or written "\\n". No block at all is an empty list.
// "pem-malformed": a block that is begun and not well-formed, one behind other text in its line (never read past in silence), UTF-16.
Result<std::vector<PemBlock>> pem_decode(std::string_view text);
// Exactly one block with this label (or one of its historical twins: "NEW CERTIFICATE REQUEST"), or the bytes themselves when they
// are DER, or base64 of it. For fields where people paste either.
Result<std::string> pem_or_der(std::string_view input, std::string_view label);
// Whether a private key is in it, of any kind, in PEM.
bool holds_private_key(std::string_view text);

}  // namespace quicklime::pki
