#pragma once
// Certificate revocation lists: RFC 5280 section 5.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "crypto/hash.hpp"
#include "crypto/signer.hpp"
#include "pki/name.hpp"

namespace quicklime::pki {

// CRLReason, RFC 5280 section 5.3.1. 7 is not used. remove_from_crl stands only in delta CRLs.
enum class RevocationReason : std::uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,
  remove_from_crl = 8,
  privilege_withdrawn = 9,
  aa_compromise = 10,
};
std::string_view name(RevocationReason reason);  // "keyCompromise", as RFC 5280 spells it
// Any letter case, with or without hyphens and underscores: "keyCompromise", "KEY-COMPROMISE".
// The nine that a person may give (all but removeFromCRL); the error lists them.
Result<RevocationReason> parse_revocation_reason(std::string_view text);
std::optional<RevocationReason> revocation_reason(std::uint8_t code);  // as CRLs and OCSP number them

// One revokedCertificates entry, DER; unspecified is left out (RFC 5280 section 5.3.1).
void append_crl_entry(std::string& out, const SerialNumber& serial, Instant revocation_date, RevocationReason reason);

// A CRL in three parts: before + entries + after is the DER. The entries are the concatenated
// append_crl_entry of every revoked certificate, sorted by serial octets; before and after hold
// everything else, signature included. Lengths in `before` cover the entries, so the parts fit only them.
struct CrlParts {
  std::string before;
  std::string after;
};

struct CrlFields {
  Name issuer;
  Instant this_update;
  Instant next_update;
  std::string number;                    // unsigned big-endian octets, at most 20
  std::string authority_key_identifier;  // the issuer's SKI
};
// Entries may be empty: revokedCertificates is then left out.
Result<CrlParts> sign_crl(const CrlFields& fields, std::string_view entries, const crypto::Signer& signer);

struct CrlEntry {
  SerialNumber serial;
  Instant revocation_date;
  RevocationReason reason;
};
// Of entries as append_crl_entry wrote them, one after the other. "crl-malformed".
Result<std::vector<CrlEntry>> read_crl_entries(std::string_view entries);

// A CRL that came from somewhere, to be shown or compared. Not a validated CRL: signed_by says.
class Crl {
 public:
  using Entry = CrlEntry;
  static Result<Crl> parse(std::string_view der);
  const std::string& der() const { return der_; }
  const Name& issuer() const { return issuer_; }
  Instant this_update() const { return this_update_; }
  Instant next_update() const { return next_update_; }
  const std::string& number() const { return number_; }
  const std::vector<Entry>& entries() const { return entries_; }
  const std::string& signature() const { return signature_; }
  bool signed_by(const crypto::PublicKey& issuer_key) const;

 private:
  Crl(std::string der, Name issuer, Instant this_update, Instant next_update)
      : der_(std::move(der)), issuer_(std::move(issuer)), this_update_(this_update), next_update_(next_update) {}
  std::string der_;
  Name issuer_;
  Instant this_update_;
  Instant next_update_;
  std::string number_;
  std::string signature_;
  std::vector<Entry> entries_;
};

}  // namespace quicklime::pki
