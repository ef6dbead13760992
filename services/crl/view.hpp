#pragma once
// What the CRL role keeps: the authorities, what became of every certificate and when, what was last published, and, for its peers,
// the keys that were reported as compromised.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/status.hpp"
#include "events/event.hpp"
#include "pki/crl.hpp"
#include "views/view_store.hpp"

namespace quicklime::crl {

inline constexpr const char* kCertificateSpace = "certificate";  // points: certificate_key -> Certificate
inline constexpr const char* kEntrySpace = "entry";              // index: Entry::key
inline constexpr const char* kChangeSpace = "change";            // points: authority -> Position::text of its last change
inline constexpr const char* kPublicationSpace = "publication";  // points: scope -> Publication

inline constexpr const char* kExpiredSpace = "expired";  // points: kLastExpired -> Instant::seconds of the last ended_before
inline constexpr const char* kLastExpired = "last";

// Whoever has appended for a CRL waits as long for the role's view to have it.
inline constexpr Milliseconds kReached{10'000};

// A certificate as its CRL may come to know it.
struct Certificate {
  Instant not_after;
  ca::Status status{};
  Position since{};  // of the event that gave it this status
  // Its way out of the CRLs, in steps of certificates.expired: named by one; then, once a CRL that knows of that one has shown its
  // entry (RFC 5280 section 3.3), the entry ends; then, once no CRL that is served has it, everything here goes.
  std::optional<Position> expired{};
  bool left = false;                 // its entry has ended, though its status has not
  std::vector<std::string> ended{};  // keys of its entries that have an end
};
std::string certificate_key(const AuthorityId& authority, const SerialNumber& serial);
std::string encode(const Certificate& certificate);
Result<Certificate> decode_certificate(std::string_view text);

// A published CRL, as far as the next ones depend on it.
struct Complete {
  Position number;
  Instant this_update;
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
  unsigned rules = events::kRules;     // of its event: an old CRL is written again as it was written
  std::optional<Instant> signed_at{};  // no entry is dated later: a client whose clock is right must believe each of them
};
std::string encode(const Publication& publication);
Result<Publication> decode_publication(std::string_view text);

// An entry of the CRLs with numbers from `from` to before `until`. One key holds all of it, and keys are in the order of the
// CRL: by serial octets.
struct Entry {
  SerialNumber serial;
  Position from;
  std::optional<Position> until{};
  Instant not_after;  // of the certificate
  Instant revocation_date;
  pki::RevocationReason reason;

  std::string key(const AuthorityId& authority) const;
  static Result<Entry> parse(std::string_view key);
  // Rules 1 left out, besides, what a complete CRL dated after its notAfter had shown: one clock that was ahead took entries of
  // certificates that were still valid.
  bool stands_in(const Publication& crl) const;
  Instant date_in(const Publication& crl) const;
};

}  // namespace quicklime::crl
