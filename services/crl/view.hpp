#pragma once
// What the CRL role keeps: the authorities, what became of every certificate and when, and what was last published.

#include <optional>
#include <string>
#include <string_view>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/status.hpp"
#include "pki/crl.hpp"
#include "views/view_store.hpp"

namespace quicklime::crl {

inline constexpr const char* kCertificateSpace = "certificate";  // points: certificate_key -> Certificate
inline constexpr const char* kEntrySpace = "entry";              // index: Entry::key
inline constexpr const char* kChangeSpace = "change";            // points: authority -> Position::text of its last change
inline constexpr const char* kPublicationSpace = "publication";  // points: scope -> Publication

// A certificate as its CRL may come to know it.
struct Certificate {
  Instant not_after;
  ca::Status status{};
  Position since{};  // of the event that gave it this status
};
std::string certificate_key(const AuthorityId& authority, const SerialNumber& serial);
std::string encode(const Certificate& certificate);
Result<Certificate> decode_certificate(std::string_view text);

// A published CRL, as far as the next ones depend on it.
struct Complete {
  Position number;
  Instant this_update;
};

// An entry of the CRLs with numbers from `from` to before `until`. One key holds all of it, and keys are in the order of the
// CRL: by serial octets. The last entry of a certificate leaves when the certificate has ended and the entry has been out of
// one CRL, so that the current CRL and the one before can be written again; those that ended earlier stay.
struct Entry {
  SerialNumber serial;
  Position from;
  std::optional<Position> until{};
  Instant not_after;  // of the certificate
  Instant revocation_date;
  pki::RevocationReason reason;

  std::string key(const AuthorityId& authority) const;
  static Result<Entry> parse(std::string_view key);
  // Stands in the CRL with this number that follows `previous`. An expired entry leaves once a complete CRL dated after
  // its notAfter has shown it (RFC 5280 section 5).
  bool stands_in(Position number, const std::optional<Complete>& previous) const;
};

// The last publication of a scope: everything of the CRL but its entries.
struct Publication {
  Position number;
  std::optional<Complete> previous{};
  Instant this_update;
  Instant next_update;
  std::string entries_sha256;  // hex
  std::string before;          // DER
  std::string after;
};
std::string encode(const Publication& publication);
Result<Publication> decode_publication(std::string_view text);

}  // namespace quicklime::crl
