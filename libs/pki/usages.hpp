#pragma once
// What a key may be used for, by the names of the field: RFC 5280 sections 4.2.1.3 and 4.2.1.12.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace quicklime::pki {

// Bit n of RFC 5280 section 4.2.1.3. encipherOnly and decipherOnly, which narrow keyAgreement down, are not given.
enum class KeyUsage : std::uint8_t {
  digital_signature = 0,
  content_commitment = 1,  // nonRepudiation, as it was called
  key_encipherment = 2,
  data_encipherment = 3,
  key_agreement = 4,
  key_cert_sign = 5,
  crl_sign = 6
};
constexpr unsigned bit(KeyUsage usage) { return 1U << static_cast<unsigned>(usage); }
std::string_view name(KeyUsage usage);                    // "digitalSignature"
Result<KeyUsage> parse_key_usage(std::string_view text);  // any letter case, nonRepudiation too; "usage-unknown" lists them

// "serverAuth" or a dotted OID, as a dotted OID; "usage-unknown" lists the names.
Result<std::string> parse_extended_key_usage(std::string_view text);
std::string extended_key_usage_name(std::string_view dotted);  // "serverAuth"; of others the OID

namespace oid {
inline constexpr std::string_view server_auth = "1.3.6.1.5.5.7.3.1";
inline constexpr std::string_view client_auth = "1.3.6.1.5.5.7.3.2";
inline constexpr std::string_view time_stamping = "1.3.6.1.5.5.7.3.8";
inline constexpr std::string_view ocsp_signing = "1.3.6.1.5.5.7.3.9";
}  // namespace oid

}  // namespace quicklime::pki
