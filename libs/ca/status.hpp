#pragma once
// The status of a certificate: the one pure function that every view agrees on (architecture section 5).

#include <optional>
#include <string>

#include "base/instant.hpp"
#include "base/position.hpp"
#include "events/event.hpp"
#include "pki/crl.hpp"

namespace quicklime::ca {

struct Status {
  enum class Kind : std::uint8_t { good, held, revoked } kind = Kind::good;
  pki::RevocationReason reason = pki::RevocationReason::unspecified;  // held: certificate_hold
  std::optional<Instant> since{};                                     // of the first revocation, or of the hold
  bool operator==(const Status&) const = default;
};

// What an event of this time makes of a certificate's status; nullopt: nothing (another event, or one that changes nothing).
//  - the first revocation wins: its date stays; a later one may only change the reason to keyCompromise
//  - hold: good -> held. release: held -> good, if it stands (grant_stands of ca/grant.hpp, which every other event does). A revocation of
//  a held certificate: revoked, dated at the revocation
//  - revoked is for ever; a hold or release of it changes nothing
//  - a reason of certificateHold in certificate.revoked does not exist (the role writes certificate.held)
std::optional<Status> next_status(const Status& before, const events::Data& event, Instant time, bool grant_stands);

std::string encode(const Status& status);
Result<Status> decode_status(std::string_view text);

}  // namespace quicklime::ca
