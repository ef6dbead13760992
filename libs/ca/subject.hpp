#pragma once
// Which certificate an event is about, as the views know it who keep a status of each, and whose it is.

#include <optional>
#include <string>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/serial_number.hpp"
#include "events/event.hpp"

namespace quicklime::ca {

struct Subject {
  AuthorityId authority;  // that issued it: an issuing CA's certificate is one of its parent's, and stands in its parent's CRL
  SerialNumber serial;
  std::optional<Instant> issued_until{};  // notAfter, where the event is the issuing
};

// Of certificate.issued, revoked, held and released, and of authority.added where the authority has a parent; nullopt: the event is
// about no certificate of an authority.
std::optional<Subject> subject_of(const events::Event& event);

// Whose a certificate is: whoever asked for it, as lists show him ("token:0f3a..."). What was renewed belongs to whom the first of its line
// does, however the renewal was proved; where the predecessor is not known any more, to whom the renewal's event names.
std::string requester_text(const events::Actor& actor);

}  // namespace quicklime::ca
