#include "access/token.hpp"
#include "ca/authority.hpp"
#include "ca/expiry.hpp"
#include "ca/status.hpp"
#include "revocation/service.hpp"
#include "revocation/view.hpp"

namespace quicklime::revocation {
namespace {

const SerialNumber* serial_of(const events::Event& event) {
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) return &issued->serial;
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return &revoked->serial;
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return &held->serial;
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data)) return &released->serial;
  return nullptr;
}

Result<void> fold_certificate(const events::Event& event, views::Fold& fold) {
  const SerialNumber* serial = serial_of(event);
  if (!serial) return {};
  const auto key = certificate_key(*serial);
  const auto known = fold.get(key.space, key.key);
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    if (known) return {};
    fold.put(key.space, key.key, encode(Record{issued->authority, issued->key_sha256, issued->not_after}));
    ca::note_expiry(key.key, issued->not_after, fold);
    return {};
  }
  if (!known) return {};  // of a certificate that this log never issued: nothing that this role could answer
  auto record = decode_record(*known);
  if (!record) return forward(record);
  if (const auto next = ca::next_status(record->status, event)) {
    record->status = *next;
    fold.put(key.space, key.key, encode(*record));
  }
  return {};
}

Result<void> apply(const events::Event& event, Position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  access::fold_token(event, fold);
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) {
    for (const auto& serial : ca::take_expired(expired->ended_before, fold)) fold.erase(certificate_space().name, serial);
    return {};
  }
  return fold_certificate(event, fold);
}

std::vector<views::PointKey> reads(const events::Event& event) {
  const SerialNumber* serial = serial_of(event);
  if (!serial) return access::token_reads(event);
  std::vector<views::PointKey> keys;
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) keys = ca::expiry_reads(issued->not_after);
  keys.push_back(certificate_key(*serial));
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "revocation",
          .version = 2,
          .spaces = {ca::authority_space(), access::token_space(), certificate_space(), ca::expiry_space()},
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::revocation
