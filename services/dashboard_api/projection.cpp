#include "access/principal.hpp"
#include "access/session.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/status.hpp"
#include "ca/subject.hpp"
#include "dashboard_api/service.hpp"
#include "dashboard_api/view.hpp"

namespace quicklime::dashboard_api {
namespace {

using Kind = ca::Status::Kind;

Result<std::optional<Certificate>> load(const SerialNumber& serial, views::Fold& fold) {
  const auto key = certificate_key(serial);
  const auto value = fold.get(key.space, key.key);
  if (!value) return std::nullopt;
  auto certificate = decode_certificate(*value);
  if (!certificate) return forward(certificate);
  return *std::move(certificate);
}

void store(const Certificate& certificate, views::Fold& fold) {
  const auto key = certificate_key(certificate.serial);
  fold.put(key.space, key.key, encode(certificate));
}

// Where a certificate stands in the lists, whatever its status.
std::vector<std::pair<const char*, std::string>> index_keys(const Certificate& certificate) {
  const std::string serial = certificate.serial.hex();
  const std::uint64_t offset = certificate.issued.offset;
  std::vector<std::pair<const char*, std::string>> keys;
  for (const std::string& group : {std::string(kEverybody), ca::requester_text(certificate.requester)}) {
    keys.emplace_back(kByOffset, index_key(group, offset, serial));
    keys.emplace_back(kByExpiry, index_key(group, expiry_number(certificate.not_after), serial));
  }
  for (const auto& name : certificate.names) keys.emplace_back(kByName, index_key(name_group(name), offset, serial));
  if (certificate.service) keys.emplace_back(kByService, index_key(*certificate.service, offset, serial));
  return keys;
}

std::string status_key(const Certificate& certificate, Kind kind) {
  return index_key(status_group(kind), certificate.issued.offset, certificate.serial.hex());
}

// What a retention in the log says is forgotten; the log keeps it.
Result<void> forget(Instant before, views::Fold& fold) {
  const auto key = forgotten_key();
  fold.put(key.space, key.key, std::to_string(before.seconds()));
  const auto ended = ca::take_expired(before, fold);
  std::vector<views::PointKey> records;
  for (const auto& serial : ended) records.push_back({kCertificate, serial});
  fold.fetch(records);
  for (const auto& record : records) {
    const auto value = fold.get(record.space, record.key);
    if (!value) continue;
    const auto certificate = decode_certificate(*value);
    if (!certificate) return forward(certificate);
    for (const auto& [index, entry] : index_keys(*certificate)) fold.remove(index, entry);
    if (certificate->status.kind != Kind::good) fold.remove(kByStatus, status_key(*certificate, certificate->status.kind));
    fold.erase(kDer, record.key);
    fold.erase(record.space, record.key);
  }
  return {};
}

// Whether the one who asked was revoked already, at this place of the log.
Result<bool> is_revoked(const events::Actor& author, views::Fold& fold) {
  const auto principal = access::principal_of(author);
  if (!principal) return false;
  if (!principal->certificate) {
    const auto& record = principal->records.front();
    return fold.get(record.space, record.key) && !ca::is_live(*principal, fold);
  }
  const auto certificate = load(*principal->certificate, fold);  // as this view knows it
  if (!certificate) return forward(certificate);
  return *certificate && (*certificate)->status.kind == Kind::revoked;
}

Result<void> fold_issued(const events::Event& event, const events::CertificateIssued& issued, Position position, views::Fold& fold) {
  const auto known = load(issued.serial, fold);
  if (!known) return forward(known);
  if (*known) return {};  // a serial is issued once; the first stands
  auto predecessor = issued.replaces ? load(*issued.replaces, fold) : Result<std::optional<Certificate>>();
  if (!predecessor) return forward(predecessor);
  const auto author_revoked = is_revoked(event.actor, fold);
  if (!author_revoked) return forward(author_revoked);
  const events::Actor& requester = *predecessor ? (*predecessor)->requester : event.actor;
  const Certificate certificate{.serial = issued.serial,
                                .issued = position,
                                .issued_at = event.time,
                                .requester = requester,
                                .authority = issued.authority,
                                .profile = issued.profile,
                                .names = issued.names,
                                .not_before = issued.not_before,
                                .not_after = issued.not_after,
                                .key_sha256 = issued.key_sha256,
                                .service = issued.service,
                                .node = issued.node,
                                .requested_for = *predecessor ? (*predecessor)->requested_for : event.on_behalf_of,
                                .replaces = issued.replaces,
                                .author_revoked = *author_revoked};
  store(certificate, fold);
  const auto der = der_key(issued.serial);
  fold.put(der.space, der.key, issued.certificate);

  for (const auto& [index, entry] : index_keys(certificate)) fold.insert(index, entry);
  ca::note_expiry(issued.serial.hex(), issued.not_after, fold);

  if (*predecessor && !(*predecessor)->replaced_by) {
    (*predecessor)->replaced_by = issued.serial;
    store(**predecessor, fold);
  }
  return {};
}

// A successor that is revoked leaves its predecessor without one: it may be renewed again.
Result<void> free_predecessor(const Certificate& revoked, views::Fold& fold) {
  if (!revoked.replaces) return {};
  auto predecessor = load(*revoked.replaces, fold);
  if (!predecessor) return forward(predecessor);
  if (*predecessor && (*predecessor)->replaced_by == revoked.serial) {
    (*predecessor)->replaced_by.reset();
    store(**predecessor, fold);
  }
  return {};
}

Result<void> fold_status(const SerialNumber& serial, const events::Event& event, views::Fold& fold) {
  auto certificate = load(serial, fold);
  if (!certificate) return forward(certificate);
  if (!*certificate) return {};  // of a certificate that this log never issued
  const ca::Status before = (*certificate)->status;
  const auto next = ca::next_status(before, event.data, event.time, access::grant_stands(event, fold));
  if (!next) return {};
  (*certificate)->status = *next;
  store(**certificate, fold);
  if (before.kind == next->kind) return {};
  if (before.kind != Kind::good) fold.remove(kByStatus, status_key(**certificate, before.kind));
  if (next->kind != Kind::good) fold.insert(kByStatus, status_key(**certificate, next->kind));
  return next->kind == Kind::revoked ? free_predecessor(**certificate, fold) : Result<void>();
}

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& [event, position, hash, repeats] = record;
  ca::fold_authority(event, fold);
  ca::fold_blocked_key(event, fold);
  access::fold_principals(record, fold);
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) {
    return expired->inventory_before ? forget(*expired->inventory_before, fold) : Result<void>();
  }
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) return fold_issued(event, *issued, position, fold);
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return fold_status(revoked->serial, event, fold);
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return fold_status(held->serial, event, fold);
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data)) return fold_status(released->serial, event, fold);
  return {};
}

std::vector<views::PointKey> reads(const events::Event& event) {
  std::vector<views::PointKey> keys;
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys = ca::expiry_reads(issued->not_after);
    keys.push_back(certificate_key(issued->serial));
    if (issued->replaces) keys.push_back(certificate_key(*issued->replaces));
    if (const auto author = access::giver(event.actor)) keys.insert(keys.end(), author->records.begin(), author->records.end());
  } else if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) {
    keys = ca::authority_reads(event);
    for (auto& key : access::session_reads(event)) keys.push_back(std::move(key));
    keys.push_back(certificate_key(revoked->serial));
  } else {
    keys = access::principal_reads(event);
  }
  return keys;
}

}  // namespace

views::Projection projection() {
  auto spaces = access::with_principals(certificate_spaces());
  spaces.push_back(ca::authority_space());
  spaces.push_back(ca::blocked_key_space());
  return {.name = "dashboard_api", .version = 6, .spaces = std::move(spaces), .apply = apply, .reads = reads};
}

}  // namespace quicklime::dashboard_api
