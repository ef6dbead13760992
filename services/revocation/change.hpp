#pragma once
// The rules of taking a certificate back: pure functions.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "events/event.hpp"
#include "pki/crl.hpp"
#include "revocation/view.hpp"

namespace quicklime::revocation {

// What is asked of a certificate.
struct Order {
  enum class Act : std::uint8_t { revoke, hold, release } act;
  pki::RevocationReason reason = pki::RevocationReason::unspecified;  // of a revocation
};
// A reason as given; certificateHold orders a hold (RFC 5280 section 5.3.1).
Result<Order> order_for(const std::string& reason);

struct Change {
  std::optional<events::Data> event;  // what must be written; nothing when the certificate is already as it should be
  ca::Status status;                  // afterwards
};
// The event of an order, whether it changes anything or not.
events::Data event_of(const SerialNumber& serial, const Record& record, const Order& order);
// An order that changes nothing is no error: asking twice is what a client does whose answer was lost.
// "certificate-revoked" (conflict): held or released after it was revoked, which is for ever.
Result<Change> decide(const SerialNumber& serial, const Record& record, const Order& order, Instant now);

}  // namespace quicklime::revocation
