#pragma once
// What RFC 5280 asks of a certificate or CRL, looked at in the very bytes that are about to be signed: the last moment at which a fault of
// ours, or of a profile, is only a refused request. Reads without allocating: a certificate costs a microsecond.

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "crypto/key_kind.hpp"

namespace quicklime::pki {

// What a TBSCertificate says, as it was read. Views into its bytes.
struct Linted {
  std::string_view issuer;   // Name, DER
  std::string_view subject;  // Name, DER
  std::string_view spki;
  std::optional<crypto::KeyFamily> family;  // of the subject's key; nullopt: of none that this CA knows
  Instant not_before = Instant::from_seconds(0), not_after = Instant::from_seconds(0);
  bool is_ca = false;
  std::optional<std::uint64_t> path_length{};
  unsigned key_usages = 0;                 // bit n of RFC 5280 section 4.2.1.3
  std::string_view extended_key_usages{};  // content of the SEQUENCE OF OBJECT IDENTIFIER
  bool critical_extended_key_usage = false;
  std::string_view names{};                     // content of GeneralNames
  std::string_view authority_key_identifier{};  // octets
};

// "lint-failed": the detail begins with the rule that is broken, "rfc5280-4.1.2.2: ...". The rules are listed in docs/profiles.md.
Result<Linted> lint_certificate(std::string_view tbs_certificate);
// Entries in the order of their serial numbers' octets, each once: that is how ours are rendered.
Result<void> lint_crl(std::string_view tbs_cert_list);

// For rules beside those of the RFCs.
Failure lint_failed(std::string_view rule, std::string_view why);

}  // namespace quicklime::pki
