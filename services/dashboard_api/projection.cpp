#include <algorithm>

#include "access/principal.hpp"
#include "access/session.hpp"
#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/status.hpp"
#include "ca/subject.hpp"
#include "crypto/hash.hpp"
#include "dashboard_api/crls.hpp"
#include "dashboard_api/service.hpp"
#include "dashboard_api/statistics.hpp"
#include "dashboard_api/view.hpp"
#include "pki/certificate.hpp"

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

std::vector<std::string> groups_of(const Certificate& certificate) {
  return {kEverybody, value_group(Field::requester, ca::requester_text(certificate.requester))};
}

using IndexKeys = std::vector<std::pair<const char*, std::string>>;

// Where a certificate stands in the lists, whatever its status.
IndexKeys index_keys(const Certificate& certificate) {
  const std::string serial = certificate.serial.hex();
  const std::uint64_t offset = certificate.issued.offset;
  IndexKeys keys{{kByValue, index_key(kEverybody, offset, serial)}};
  for (const Field field : kFields) {
    const auto value = field == Field::status ? std::nullopt : value_of(certificate, field);
    if (value) keys.emplace_back(kByValue, index_key(value_group(field, *value), offset, serial));
  }
  for (const auto& group : groups_of(certificate)) {
    keys.emplace_back(kByExpiry, index_key(group, moment_number(certificate.not_after), serial));
  }
  for (const auto& name : certificate.names) {
    keys.emplace_back(kByName, index_key(name_group(name), offset, serial));
    keys.emplace_back(kByText, index_key(text_group(name), offset, serial));
  }
  return keys;
}

// And by how it stands.
IndexKeys standing_keys(const Certificate& certificate) {
  const std::string serial = certificate.serial.hex();
  IndexKeys keys;
  if (certificate.status.kind != Kind::good) {
    keys.emplace_back(kByValue,
                      index_key(value_group(Field::status, status_group(certificate.status.kind)), certificate.issued.offset, serial));
  }
  if (needs_successor(certificate)) {
    for (const auto& group : groups_of(certificate)) {
      keys.emplace_back(kByDue, index_key(group, moment_number(renewal_due(certificate)), serial));
    }
  }
  return keys;
}

void store_changed(const Certificate& before, const Certificate& after, views::Fold& fold) {
  const auto old_keys = standing_keys(before), keys = standing_keys(after);
  const auto is_in = [](const IndexKeys& list, const auto& key) { return std::find(list.begin(), list.end(), key) != list.end(); };
  for (const auto& key : old_keys) {
    if (!is_in(keys, key)) fold.remove(key.first, key.second);
  }
  for (const auto& key : keys) {
    if (!is_in(old_keys, key)) fold.insert(key.first, key.second);
  }
  store(after, fold);
}

void add_change(Certificate& certificate, const Change& change) {
  certificate.history.push_back(change);
  if (certificate.history.size() <= kHistory) return;
  certificate.history.erase(certificate.history.begin());
  certificate.history_cut = true;
}

std::string key_of(const std::string& der) {
  const auto certificate = pki::Certificate::parse(der);
  const auto key = certificate ? certificate->public_key() : forward(certificate);
  return key ? std::string(crypto::name(key->kind())) : "other";
}

std::string fingerprint_of(const std::string& der) { return hex_encode(crypto::view(crypto::sha256(der))); }

// What a retention in the log says is forgotten; the log keeps it.
Result<void> forget(Instant before, views::Fold& fold) {
  const auto key = forgotten_key();
  fold.put(key.space, key.key, std::to_string(before.seconds()));
  const auto ended = ca::take_expired(before, fold);
  std::vector<views::PointKey> records;
  for (const auto& serial : ended) records.push_back({kCertificate, serial});
  auto fetched = records;
  for (const auto& serial : ended) fetched.push_back({kDer, serial});
  fold.fetch(fetched);
  for (const auto& record : records) {
    const auto value = fold.get(record.space, record.key);
    if (!value) continue;
    const auto certificate = decode_certificate(*value);
    if (!certificate) return forward(certificate);
    for (const auto& [index, entry] : index_keys(*certificate)) fold.remove(index, entry);
    for (const auto& [index, entry] : standing_keys(*certificate)) fold.remove(index, entry);
    count_forgotten(*certificate, fold);
    const views::PointKey der{kDer, record.key};
    if (const auto bytes = fold.get(der.space, der.key)) fold.erase(kBySha256, fingerprint_of(*bytes));
    fold.erase(der.space, der.key);
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
                                .profile_sha256 = issued.profile_sha256,
                                .names = issued.names,
                                .not_before = issued.not_before,
                                .not_after = issued.not_after,
                                .key_sha256 = issued.key_sha256,
                                .key = key_of(issued.certificate),
                                .service = issued.service,
                                .node = issued.node,
                                .requested_for = *predecessor ? (*predecessor)->requested_for : event.on_behalf_of,
                                .replaces = issued.replaces,
                                .author_revoked = *author_revoked};
  store(certificate, fold);
  const auto der = der_key(issued.serial);
  fold.put(der.space, der.key, issued.certificate);

  const auto sha256 = sha256_key(fingerprint_of(issued.certificate));
  fold.put(sha256.space, sha256.key, issued.serial.hex());

  for (const auto& [index, entry] : index_keys(certificate)) fold.insert(index, entry);
  for (const auto& [index, entry] : standing_keys(certificate)) fold.insert(index, entry);
  count_issued(certificate, fold);
  ca::note_expiry(issued.serial.hex(), issued.not_after, fold);

  if (*predecessor && !(*predecessor)->replaced_by) {
    const Certificate before = **predecessor;
    (*predecessor)->replaced_by = issued.serial;
    add_change(**predecessor, {.what = Change::What::renewed, .position = position, .time = event.time, .successor = issued.serial});
    store_changed(before, **predecessor, fold);
  }
  return {};
}

// A successor that is revoked leaves its predecessor without one: it may be renewed again.
Result<void> free_predecessor(const Certificate& revoked, views::Fold& fold) {
  if (!revoked.replaces) return {};
  auto predecessor = load(*revoked.replaces, fold);
  if (!predecessor) return forward(predecessor);
  if (*predecessor && (*predecessor)->replaced_by == revoked.serial) {
    const Certificate before = **predecessor;
    (*predecessor)->replaced_by.reset();
    store_changed(before, **predecessor, fold);
  }
  return {};
}

Result<void> fold_status(const SerialNumber& serial, const views::Record& record, views::Fold& fold) {
  auto certificate = load(serial, fold);
  if (!certificate) return forward(certificate);
  if (!*certificate) return {};  // of a certificate that this log never issued
  const events::Event& event = record.event;
  const Certificate before = **certificate;
  const auto next = ca::next_status(before.status, event.data, event.time, access::grant_stands(event, fold));
  if (!next) return {};
  (*certificate)->status = *next;
  using What = Change::What;
  const What what = next->kind == Kind::revoked ? What::revoked : next->kind == Kind::held ? What::held : What::released;
  add_change(**certificate, {.what = what, .position = record.position, .time = event.time, .reason = next->reason});
  store_changed(before, **certificate, fold);
  count_status(**certificate, before.status.kind, event.time, fold);
  return next->kind == Kind::revoked && before.status.kind != Kind::revoked ? free_predecessor(**certificate, fold) : Result<void>();
}

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& [event, position, hash, repeats] = record;
  ca::fold_authority(event, fold);
  ca::fold_blocked_key(event, fold);
  access::fold_principals(record, fold);
  fold_crl(record, fold);
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) {
    return expired->inventory_before ? forget(*expired->inventory_before, fold) : Result<void>();
  }
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) return fold_issued(event, *issued, position, fold);
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return fold_status(revoked->serial, record, fold);
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return fold_status(held->serial, record, fold);
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data)) return fold_status(released->serial, record, fold);
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
  for (auto& key : statistics_reads(event)) keys.push_back(std::move(key));
  for (auto& key : crl_reads(event)) keys.push_back(std::move(key));
  return keys;
}

}  // namespace

views::Projection projection() {
  auto spaces = access::with_principals(certificate_spaces());
  for (auto& space : statistics_spaces()) spaces.push_back(std::move(space));
  spaces.push_back({kCrl, views::SpaceKind::points});
  spaces.push_back(ca::authority_space());
  spaces.push_back(ca::blocked_key_space());
  return {.name = "dashboard_api", .version = 7, .spaces = std::move(spaces), .apply = apply, .reads = reads};
}

}  // namespace quicklime::dashboard_api
