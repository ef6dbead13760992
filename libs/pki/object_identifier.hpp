#pragma once
// Internal: the object identifiers of certificates, as the content octets of DER.

#include <optional>
#include <string>
#include <string_view>

#include "crypto/key.hpp"

namespace quicklime::pki {

std::string oid_text(std::string_view content);    // "2.5.29.17"; empty when malformed (X.690 section 8.19)
std::string oid_content(std::string_view dotted);  // the reverse; empty when malformed
bool is_oid(std::string_view content);
// DER, with its parameters. Read as well: an RSA signature's algorithm without the NULL.
std::string_view algorithm_identifier(crypto::SignatureAlgorithm algorithm);
std::optional<crypto::SignatureAlgorithm> read_algorithm_identifier(std::string_view encoded);

namespace oid_octets {
using namespace std::string_view_literals;
// RFC 5280 section 4.2.1 and 5.2, 5.3: id-ce
inline constexpr std::string_view subject_key_identifier = "\x55\x1D\x0E"sv;
inline constexpr std::string_view key_usage = "\x55\x1D\x0F"sv;
inline constexpr std::string_view subject_alternative_name = "\x55\x1D\x11"sv;
inline constexpr std::string_view basic_constraints = "\x55\x1D\x13"sv;
inline constexpr std::string_view crl_number = "\x55\x1D\x14"sv;
inline constexpr std::string_view reason_code = "\x55\x1D\x15"sv;
inline constexpr std::string_view invalidity_date = "\x55\x1D\x18"sv;
inline constexpr std::string_view name_constraints = "\x55\x1D\x1E"sv;
inline constexpr std::string_view crl_distribution_points = "\x55\x1D\x1F"sv;
inline constexpr std::string_view authority_key_identifier = "\x55\x1D\x23"sv;
inline constexpr std::string_view extended_key_usage = "\x55\x1D\x25"sv;
// RFC 5280 section 4.2.2.1
inline constexpr std::string_view authority_information_access = "\x2B\x06\x01\x05\x05\x07\x01\x01"sv;
inline constexpr std::string_view ad_ocsp = "\x2B\x06\x01\x05\x05\x07\x30\x01"sv;
inline constexpr std::string_view ad_ca_issuers = "\x2B\x06\x01\x05\x05\x07\x30\x02"sv;
// RFC 6960 section 4
inline constexpr std::string_view ocsp_basic = "\x2B\x06\x01\x05\x05\x07\x30\x01\x01"sv;
inline constexpr std::string_view ocsp_nonce = "\x2B\x06\x01\x05\x05\x07\x30\x01\x02"sv;
inline constexpr std::string_view ocsp_response = "\x2B\x06\x01\x05\x05\x07\x30\x01\x04"sv;
inline constexpr std::string_view ocsp_no_check = "\x2B\x06\x01\x05\x05\x07\x30\x01\x05"sv;
inline constexpr std::string_view ocsp_service_locator = "\x2B\x06\x01\x05\x05\x07\x30\x01\x07"sv;
// RFC 2985 section 5.4.2; and what Microsoft used before it
inline constexpr std::string_view extension_request = "\x2A\x86\x48\x86\xF7\x0D\x01\x09\x0E"sv;
inline constexpr std::string_view microsoft_extension_request = "\x2B\x06\x01\x04\x01\x82\x37\x02\x01\x0E"sv;
// RFC 5912
inline constexpr std::string_view sha1 = "\x2B\x0E\x03\x02\x1A"sv;
inline constexpr std::string_view sha256 = "\x60\x86\x48\x01\x65\x03\x04\x02\x01"sv;
}  // namespace oid_octets

}  // namespace quicklime::pki
