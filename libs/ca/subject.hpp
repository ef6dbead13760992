#pragma once
// Which certificate an event is about, as the views know it who keep a status of each.

#include <optional>

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

}  // namespace quicklime::ca
