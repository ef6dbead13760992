#include "access/token.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/revocation_key_use.hpp"
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

void fold_issued(const events::CertificateIssued& issued, Position position, views::Fold& fold) {
  const auto key = certificate_key(issued.serial);
  const std::string serial = issued.serial.hex();
  fold.put(key.space, key.key, encode(Record{issued.authority, issued.key_sha256, issued.not_after, {}, position.offset, issued.replaces}));
  ca::note_expiry(serial, issued.not_after, fold);
  fold.insert(key_space().name, with_key(issued.key_sha256).prefix + serial);
  if (issued.replaces) fold.insert(successor_space().name, renewed_from(*issued.replaces).prefix + serial);
}

Result<void> forget(const events::CertificatesExpired& expired, views::Fold& fold) {
  const auto serials = ca::take_expired(expired.ended_before, fold);
  std::vector<views::PointKey> keys;
  for (const auto& serial : serials) keys.push_back({certificate_space().name, serial});
  fold.fetch(keys);
  for (const auto& key : keys) {
    const auto known = fold.get(key.space, key.key);
    if (!known) continue;
    const auto record = decode_record(*known);
    if (!record) return forward(record);
    fold.erase(key.space, key.key);
    fold.remove(key_space().name, with_key(record->key_sha256).prefix + key.key);
    // A predecessor that lives longer still leads to what this one was renewed to.
    if (!record->replaces) continue;
    const auto predecessor = certificate_key(*record->replaces);
    if (!fold.get(predecessor.space, predecessor.key)) {
      fold.remove(successor_space().name, renewed_from(*record->replaces).prefix + key.key);
    }
  }
  return {};
}

Result<void> fold_certificate(const events::Event& event, Position position, views::Fold& fold) {
  const SerialNumber* serial = serial_of(event);
  if (!serial) return {};
  const auto key = certificate_key(*serial);
  const auto known = fold.get(key.space, key.key);
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    if (!known) fold_issued(*issued, position, fold);
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

Result<void> apply(const events::Event& event, Position position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  access::fold_token(event, fold);
  ca::fold_blocked_key(event, fold);
  if (auto folded = ca::fold_revocation_key(event, fold); !folded) return folded;
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) return forget(*expired, fold);
  return fold_certificate(event, position, fold);
}

std::vector<views::PointKey> reads(const events::Event& event) {
  if (serial_of(event) == nullptr) return access::token_reads(event);
  std::vector<views::PointKey> keys;
  if (const SerialNumber* serial = serial_of(event)) keys.push_back(certificate_key(*serial));
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys.push_back(ca::revocation_keys_key());
    for (auto& key : ca::expiry_reads(issued->not_after)) keys.push_back(std::move(key));
  }
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "revocation",
          .version = 2,
          .spaces = {ca::authority_space(), access::token_space(), ca::blocked_key_space(), ca::revocation_key_space(), certificate_space(),
                     key_space(), successor_space(), ca::expiry_space()},
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::revocation
