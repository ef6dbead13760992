#include "revocation/change.hpp"

namespace quicklime::revocation {
namespace {

using Act = Order::Act;
using Kind = ca::Status::Kind;

}  // namespace

events::Data event_of(const SerialNumber& serial, const Record& record, const Order& order) {
  switch (order.act) {
    case Act::hold: return events::CertificateHeld{serial, record.authority};
    case Act::release: return events::CertificateReleased{serial, record.authority};
    case Act::revoke: break;
  }
  return events::CertificateRevoked{serial, record.authority, std::string(pki::name(order.reason)), record.key_sha256, std::nullopt};
}

Result<Order> order_for(const std::string& reason) {
  const auto parsed = pki::parse_revocation_reason(reason);
  if (!parsed) {
    Error error = parsed.error();
    error.field = "/reason";
    return fail(std::move(error));
  }
  if (*parsed == pki::RevocationReason::certificate_hold) return Order{Act::hold, *parsed};
  return Order{Act::revoke, *parsed};
}

Result<Change> decide(const SerialNumber& serial, const Record& record, const Order& order, Instant now) {
  if (order.act != Act::revoke && record.status.kind == Kind::revoked) {
    return fail(ErrorCode::conflict, "certificate-revoked",
                "the certificate " + serial.hex() + " is revoked, and revoked is for ever: it can be neither held nor released");
  }
  // What the views will make of the event is asked of the function that they will ask.
  events::Data event = event_of(serial, record, order);
  const auto next = ca::next_status(record.status, event, now, true);
  if (!next) return Change{std::nullopt, record.status};
  return Change{std::move(event), *next};
}

}  // namespace quicklime::revocation
