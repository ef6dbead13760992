#include "access/principal.hpp"
#include "access/session.hpp"
#include "ca/authority.hpp"
#include "ca/claims.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/revocation_key_use.hpp"
#include "ca/status.hpp"
#include "ca/subject.hpp"
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

Result<std::optional<Record>> load(const std::string& serial, views::Fold& fold) {
  const auto value = fold.get(certificate_space().name, serial);
  if (!value) return std::nullopt;
  auto record = decode_record(*value);
  if (!record) return forward(record);
  return std::optional(*std::move(record));
}
void store(const std::string& serial, const Record& record, views::Fold& fold) {
  fold.put(certificate_space().name, serial, encode(record));
}

Result<void> fold_issued(const events::CertificateIssued& issued, const events::Actor& author, Position position, views::Fold& fold) {
  const std::string serial = issued.serial.hex();
  Record record{issued.authority, issued.key_sha256, issued.not_after, {}, position.offset};
  record.requester = ca::requester_text(author);
  if (issued.replaces) {
    const std::string before = issued.replaces->hex();
    auto predecessor = load(before, fold);
    if (!predecessor) return forward(predecessor);
    if (*predecessor) {
      record.replaces = before;
      record.requester = (*predecessor)->requester;
      (*predecessor)->successors.push_back(serial);
      store(before, **predecessor, fold);
    }
  }
  store(serial, record, fold);
  fold.insert(key_space().name, with_key(issued.key_sha256).prefix + serial);
  ca::note_expiry(serial, issued.not_after, fold);
  return {};
}

// A chain goes on past what is forgotten: a thief may have chosen a short life for links between two that last.
Result<void> unlink(const std::string& serial, const Record& record, views::Fold& fold) {
  std::vector<std::string> successors;
  for (const auto& next : record.successors) {
    auto successor = load(next, fold);
    if (!successor) return forward(successor);
    if (!*successor) continue;
    (*successor)->replaces = record.replaces;
    store(next, **successor, fold);
    successors.push_back(next);
  }
  if (record.replaces.empty()) return {};
  auto predecessor = load(record.replaces, fold);
  if (!predecessor) return forward(predecessor);
  if (!*predecessor) return {};
  auto& of_predecessor = (*predecessor)->successors;
  std::erase(of_predecessor, serial);
  of_predecessor.insert(of_predecessor.end(), successors.begin(), successors.end());
  store(record.replaces, **predecessor, fold);
  return {};
}

Result<void> forget_command(const std::string& once, views::Fold& fold) {
  const auto key = ca::claim_key(once);
  const auto claim = ca::decode_claim(fold.get(key.space, key.key));
  if (!claim) return forward(claim);
  if (!*claim) return {};
  fold.remove(command_space().name, command_entry(command_of(once), (*claim)->offset, (*claim)->serial));
  fold.erase(key.space, key.key);
  return {};
}

// What is written under a command is its first answer, with what it made of the certificate. Whether the record has changed.
Result<bool> fold_command(const events::Event& event, const std::string& serial, Position position, Record& record, views::Fold& fold) {
  if (event.once.empty()) return false;
  const ca::Claim claim{event.id, position.offset, serial, event.body, record.not_after, ca::encode(record.status)};
  const auto verdict = ca::fold_claims(event, claim, fold);
  if (!verdict) return forward(verdict);
  if (!std::holds_alternative<ca::Stands>(*verdict)) return false;
  for (const auto& once : event.once) {
    fold.insert(command_space().name, command_entry(command_of(once), position.offset, serial));
    std::erase(record.commands, once);
    record.commands.push_back(once);
  }
  while (record.commands.size() > kRememberedCommands) {
    if (auto forgotten = forget_command(record.commands.front(), fold); !forgotten) return forward(forgotten);
    record.commands.erase(record.commands.begin());
  }
  return true;
}

Result<void> forget(const events::CertificatesExpired& expired, views::Fold& fold) {
  const std::vector<std::string> serials = ca::take_expired(expired.ended_before, fold);
  const auto key_of = [](const std::string& serial) { return views::PointKey{certificate_space().name, serial}; };
  std::vector<views::PointKey> keys, neighbours;
  for (const auto& serial : serials) keys.push_back(key_of(serial));
  fold.fetch(keys);
  for (const auto& serial : serials) {
    const auto record = load(serial, fold);
    if (!record) return forward(record);
    if (!*record) continue;
    for (const auto& next : (*record)->successors) neighbours.push_back(key_of(next));
    if (!(*record)->replaces.empty()) neighbours.push_back(key_of((*record)->replaces));
  }
  fold.fetch(neighbours);
  for (const auto& serial : serials) {
    const auto record = load(serial, fold);  // again: one before it may have been its neighbour
    if (!record) return forward(record);
    if (!*record) continue;
    if (auto unlinked = unlink(serial, **record, fold); !unlinked) return unlinked;
    fold.remove(key_space().name, with_key((*record)->key_sha256).prefix + serial);
    for (const auto& once : (*record)->commands) {
      if (auto forgotten = forget_command(once, fold); !forgotten) return forgotten;
    }
    fold.erase(certificate_space().name, serial);
  }
  return {};
}

// Nothing is renewed from what is revoked (ca/verdict), so that a revoked one without successors leads to nobody: it leaves the list of
// the one before it, and so does that if it was the last. Else whoever renews and revokes in turn makes one record longer with each
// event, and hides among them what he keeps.
Result<void> prune(std::string serial, Record record, views::Fold& fold) {
  while (record.status.kind == ca::Status::Kind::revoked && record.successors.empty() && !record.replaces.empty()) {
    auto predecessor = load(record.replaces, fold);
    if (!predecessor) return forward(predecessor);
    if (!*predecessor || std::erase((*predecessor)->successors, serial) == 0) return {};
    store(record.replaces, **predecessor, fold);
    serial = record.replaces;
    record = **std::move(predecessor);
  }
  return {};
}

Result<void> fold_certificate(const events::Event& event, Position position, views::Fold& fold) {
  const SerialNumber* serial = serial_of(event);
  if (!serial) return {};
  const auto key = certificate_key(*serial);
  const auto known = fold.get(key.space, key.key);
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    if (known) return {};
    return fold_issued(*issued, event.actor, position, fold);
  }
  if (!known) return {};  // of a certificate that this log never issued: nothing that this role could answer
  auto record = decode_record(*known);
  if (!record) return forward(record);
  const auto next = ca::next_status(record->status, event.data, event.time, access::grant_stands(event, fold));
  if (next) record->status = *next;
  const auto commanded = fold_command(event, serial->hex(), position, *record, fold);
  if (!commanded) return forward(commanded);
  if (next || *commanded) fold.put(key.space, key.key, encode(*record));
  return next ? prune(serial->hex(), *std::move(record), fold) : Result<void>();
}

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& [event, position, hash, repeats] = record;
  ca::fold_authority(event, fold);
  access::fold_principals(record, fold);
  ca::fold_blocked_key(event, fold);
  if (auto folded = ca::fold_revocation_key(event, fold); !folded) return folded;
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) return forget(*expired, fold);
  return fold_certificate(event, position, fold);
}

std::vector<views::PointKey> reads(const events::Event& event) {
  const SerialNumber* serial = serial_of(event);
  if (!serial) return access::principal_reads(event);
  std::vector<views::PointKey> keys = access::grant_reads(event);
  for (auto& key : access::session_reads(event)) keys.push_back(std::move(key));
  keys.push_back(certificate_key(*serial));
  if (!std::holds_alternative<events::CertificateIssued>(event.data)) {
    for (const auto& once : event.once) keys.push_back(ca::claim_key(once));
  }
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys.push_back(ca::revocation_keys_key());
    if (issued->replaces) keys.push_back(certificate_key(*issued->replaces));
    for (auto& key : ca::expiry_reads(issued->not_after)) keys.push_back(std::move(key));
  }
  for (auto& key : ca::authority_reads(event)) keys.push_back(std::move(key));
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "revocation",
          .version = 6,
          .spaces = access::with_principals({ca::authority_space(), ca::blocked_key_space(), ca::revocation_key_space(), ca::expiry_space(),
                                             certificate_space(), key_space(), ca::claim_space(), command_space()}),
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::revocation
