#pragma once
// A CRL as an event: what one publication says. Made by the crl role, and by whoever holds the root key.

#include <string>
#include <string_view>

#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/result.hpp"
#include "ca/authority.hpp"
#include "crypto/signer.hpp"
#include "events/event.hpp"

namespace quicklime::ca {

// Of a CRL whose signing needs a person, the root's (docs/architecture.md section 7).
inline constexpr Milliseconds kOfflineCrlLifetime = std::chrono::hours(24 * 365);

// The CRL number is the position up to which the CRL is complete: epoch * 2^64 + offset.
std::string crl_number_text(Position number);                 // decimal
Result<Position> parse_crl_number(std::string_view decimal);  // "crl-number-malformed"; no sign, no leading zero
std::string crl_number_octets(Position number);               // minimal big-endian octets

// The dates of a CRL that is signed now, in whole seconds: valid for those whose clocks are behind by up to `backdate`.
struct CrlTimes {
  Instant this_update;
  Instant next_update;
  Instant signed_at;
};
CrlTimes crl_times(Instant now, Milliseconds backdate, Milliseconds lifetime);

// Signs the full CRL of an authority. previous: crl_number_text of the publication before, "" for the first. entries: the
// concatenated pki::append_crl_entry of what is revoked at `number`, sorted by serial octets; none at init, and
// none dated after times.signed_at. Takes as long as the signer takes. The caller appends it with the authority as subject.
Result<events::CrlPublished> make_publication(const Authority& authority, const crypto::Signer& signer, std::string previous,
                                              Position number, std::string_view entries, const CrlTimes& times);

}  // namespace quicklime::ca
