#include "ca/decisions.hpp"

#include "ca/expiry.hpp"
#include "ca/subject.hpp"

namespace quicklime::ca {
namespace {

using events::CertificateIssued;
using events::CertificateRevoked;

// Whom a certificate rests on, where the log can take him back.
struct Principals {
  std::optional<Principal> author, allowed_by, voucher;
};

Principals principals(const events::Actor& actor, const CertificateIssued& issued, PrincipalOf principal_of) {
  using Kind = events::Actor::Kind;
  Principals found;
  found.author = principal_of(actor);
  // The holder of the predecessor, of which more is demanded.
  if (found.author && found.author->certificate && issued.replaces) found.author.reset();
  if (issued.allowed_by) found.allowed_by = principal_of({Kind::token, issued.allowed_by->text()});
  if (issued.allowed_by_user && issued.allowed_by_session)
    found.allowed_by = principal_of({Kind::user, issued.allowed_by_user->text(), issued.allowed_by_session->text()});
  if (issued.voucher) found.voucher = principal_of({Kind::certificate, issued.voucher->hex()});
  return found;
}

std::string replaces_key(std::string_view predecessor) { return "replaces:" + std::string(predecessor); }

Result<std::optional<CertificateRecord>> load(const views::PointKey& key, views::Fold& fold) {
  const auto value = fold.get(key.space, key.key);
  if (!value) return std::nullopt;
  auto record = decode_certificate_record(*value);
  if (!record) return forward(record);
  return std::optional(*std::move(record));
}

void store(const views::PointKey& key, const CertificateRecord& record, views::Fold& fold) { fold.put(key.space, key.key, encode(record)); }

// Reported as compromised, with whichever certificate.
Result<bool> key_is_blocked(const SerialNumber& serial, views::Fold& fold) {
  const auto record = load(certificate_key(serial), fold);
  if (!record) return forward(record);
  if (!*record) return false;
  const views::PointKey key = blocked_key_key((*record)->key_sha256);
  return fold.get(key.space, key.key).has_value();
}

Result<void> fold_issued(const events::Event& event, const CertificateIssued& issued, Position position, PrincipalOf principal_of,
                         views::Fold& fold) {
  const views::PointKey key = certificate_key(issued.serial);
  const auto known = load(key, fold);
  if (!known) return forward(known);
  if (*known && (*known)->offset != position.offset) {
    return fail(ErrorCode::verification_failed, "log-contradiction",
                "serial " + issued.serial.hex() + " was issued twice, at " + std::to_string((*known)->offset) + " and " + position.text());
  }

  std::vector<std::optional<std::string>> values;
  for (const auto& read : judged_by(event, principal_of)) values.push_back(fold.get(read.space, read.key));
  auto before = before_from(event, values, principal_of);
  if (!before) return forward(before);
  if (before->predecessor) {
    const auto blocked = key_is_blocked(*issued.replaces, fold);
    if (!blocked) return forward(blocked);
    before->predecessor->key_blocked = *blocked;
  }
  const auto [author, allowed_by, voucher] = principals(event.actor, issued, principal_of);
  if (author && author->certificate) {
    const auto blocked = key_is_blocked(*author->certificate, fold);
    if (!blocked) return forward(blocked);
    before->author->key_blocked = *blocked;
  }
  if (voucher && voucher->certificate) {
    const auto blocked = key_is_blocked(*voucher->certificate, fold);
    if (!blocked) return forward(blocked);
    before->voucher_stands = before->voucher_stands && !*blocked;
  }
  const Verdict verdict = judge(event, *before);
  const auto predecessor_key = issued.replaces ? std::optional(certificate_key(*issued.replaces)) : std::nullopt;
  auto predecessor = predecessor_key ? load(*predecessor_key, fold) : Result<std::optional<CertificateRecord>>();
  if (!predecessor) return forward(predecessor);

  CertificateRecord record{.offset = position.offset,
                           .authority = issued.authority,
                           .key_sha256 = issued.key_sha256,
                           .not_before = issued.not_before,
                           .not_after = issued.not_after,
                           .requester = *predecessor ? (*predecessor)->requester : requester_text(event.actor),
                           .renewal_challenge = issued.renewal_challenge,
                           .standing = "stands"};
  if (issued.replaces) record.replaces = issued.replaces->hex();
  if (const auto* retry = std::get_if<RetryOf>(&verdict)) {
    record.standing = "retry_of";
    record.lost_to = retry->first;
  } else if (const auto* refused = std::get_if<Refused>(&verdict)) {
    record.standing = refused->error.reason;
    record.lost_to = refused->lost_to;
  } else {
    take_claims(event, Claim{event.id, position.offset, issued.serial.hex(), event.body, issued.not_after}, fold);
    for (const std::string& once : event.once) {
      if (once.starts_with("command:")) record.commands.push_back(once);
    }
    if (*predecessor) {
      (*predecessor)->replaced_by = issued.serial.hex();
      store(*predecessor_key, **predecessor, fold);
    }
  }
  if (record.standing != "stands") fold.insert(kUnansweredSpace, issued.serial.hex());
  store(key, record, fold);
  note_expiry(issued.serial.hex(), issued.not_after, fold);
  return {};
}

// Nothing can be decided any more by what ended so long ago: it is not renewed, and nobody tries its command again.
Result<void> forget(const events::CertificatesExpired& expired, views::Fold& fold) {
  const auto ended = take_expired(expired.ended_before, fold);
  std::vector<views::PointKey> keys;
  for (const std::string& serial : ended) keys.push_back({"certificate", serial});
  fold.fetch(keys);
  for (const views::PointKey& key : keys) {
    const auto record = load(key, fold);
    if (!record) return forward(record);
    if (!*record) continue;
    for (const std::string& command : (*record)->commands) {
      // A later certificate may have the command by now, since rules 1 forgot by the time of an event.
      const views::PointKey claimed = claim_key(command);
      const auto claim = decode_claim(fold.get(claimed.space, claimed.key));
      if (!claim) return forward(claim);
      if (*claim && (*claim)->serial == key.key) fold.erase(claimed.space, claimed.key);
    }
    const views::PointKey renewed = claim_key(replaces_key(key.key));
    fold.erase(renewed.space, renewed.key);
    if ((*record)->standing != "stands") fold.remove(kUnansweredSpace, key.key);
    fold.erase(key.space, key.key);
  }
  return {};
}

// The chain never forks, and never dies with a lost answer: a revoked successor gives its place free again.
Result<void> free_predecessor(const SerialNumber& serial, const CertificateRecord& revoked, views::Fold& fold) {
  const views::PointKey claimed = claim_key(replaces_key(*revoked.replaces));
  const auto claim = decode_claim(fold.get(claimed.space, claimed.key));
  if (!claim) return forward(claim);
  if (*claim && (*claim)->serial == serial.hex()) fold.erase(claimed.space, claimed.key);

  const auto predecessor_serial = SerialNumber::from_hex(*revoked.replaces);
  if (!predecessor_serial) return forward(predecessor_serial);
  const views::PointKey key = certificate_key(*predecessor_serial);
  auto predecessor = load(key, fold);
  if (!predecessor) return forward(predecessor);
  if (*predecessor && (*predecessor)->replaced_by == serial.hex()) {
    (*predecessor)->replaced_by.reset();
    store(key, **predecessor, fold);
  }
  return {};
}

Result<void> fold_status(const events::Event& event, const SerialNumber& serial, PrincipalOf principal_of, views::Fold& fold) {
  const views::PointKey key = certificate_key(serial);
  auto record = load(key, fold);
  if (!record) return forward(record);
  if (!*record) return {};  // not issued here: imported, or of an authority before this log
  const auto next = next_status((*record)->status, event.data, event.time, grant_stands(event, principal_of, fold));
  if (!next) return {};
  const bool first_revocation = next->kind == Status::Kind::revoked && (*record)->status.kind != Status::Kind::revoked;
  (*record)->status = *next;
  store(key, **record, fold);
  if (!first_revocation) return {};
  if ((*record)->standing != "stands") fold.remove(kUnansweredSpace, serial.hex());
  if ((*record)->standing == "stands" && (*record)->replaces) return free_predecessor(serial, **record, fold);
  return {};
}

void block(const std::string& key_sha256, const char* reason, views::Fold& fold) {
  const views::PointKey key = blocked_key_key(key_sha256);
  fold.put(key.space, key.key, reason);
}

}  // namespace

std::vector<views::Space> decision_spaces() {
  return {{"certificate", views::SpaceKind::points},
          claim_space(),
          blocked_key_space(),
          expiry_space(),
          {kUnansweredSpace, views::SpaceKind::index}};
}

views::PointKey certificate_key(const SerialNumber& serial) { return {"certificate", serial.hex()}; }
views::PointKey blocked_key_key(std::string_view key_sha256) { return {"blocked_key", std::string(key_sha256)}; }

views::Space blocked_key_space() { return {"blocked_key", views::SpaceKind::points}; }
void fold_blocked_key(const events::Event& event, views::Fold& fold) {
  if (const auto* blocked = std::get_if<events::KeyBlocked>(&event.data)) block(blocked->key_sha256, "blocked", fold);
  if (const auto* revoked = std::get_if<CertificateRevoked>(&event.data)) {
    const auto reason = pki::parse_revocation_reason(revoked->reason);
    if (reason && *reason == pki::RevocationReason::key_compromise) block(revoked->key_sha256, "keyCompromise", fold);
  }
}

bool certificate_is_live(std::span<const std::optional<std::string>> records) {
  const auto& stored = records.front();
  if (!stored) return false;
  const auto record = decode_certificate_record(*stored);
  return record && record->standing == "stands" && record->status.kind == Status::Kind::good;
}

std::vector<views::PointKey> judged_by(const Judged& judged, PrincipalOf principal_of) {
  std::vector<views::PointKey> keys;
  const auto* issued = std::get_if<CertificateIssued>(&judged.data);
  if (!issued) return keys;
  keys.push_back(blocked_key_key(issued->key_sha256));
  for (const std::string& once : judged.once) keys.push_back(claim_key(once));
  if (issued->replaces) keys.push_back(certificate_key(*issued->replaces));
  const auto [author, allowed_by, voucher] = principals(judged.actor, *issued, principal_of);
  for (const auto* principal : {&author, &allowed_by, &voucher}) {
    if (*principal) keys.insert(keys.end(), (*principal)->records.begin(), (*principal)->records.end());
  }
  return keys;
}

Result<Before> before_from(const Judged& judged, const std::vector<std::optional<std::string>>& values, PrincipalOf principal_of) {
  Before before;
  const auto* issued = std::get_if<CertificateIssued>(&judged.data);
  if (!issued) return before;
  auto value = values.begin();
  before.key_blocked = (value++)->has_value();
  for (std::size_t i = 0; i < judged.once.size(); ++i) {
    auto claim = decode_claim(*value++);
    if (!claim) return forward(claim);
    before.claims.push_back(*std::move(claim));
  }
  if (issued->replaces) {
    const auto& stored = *value++;
    if (stored) {
      const auto record = decode_certificate_record(*stored);
      if (!record) return forward(record);
      before.predecessor = Before::Predecessor{record->authority, record->standing == "stands", record->status.kind != Status::Kind::good};
    }
  }
  const auto [author, allowed_by, voucher] = principals(judged.actor, *issued, principal_of);
  const auto is_live = [&](const Principal& principal) {
    const std::span records(value, principal.records.size());
    value += static_cast<std::ptrdiff_t>(records.size());
    return principal.is_live(records);
  };
  if (author) before.author = Before::Author{author->refusal, author->since, is_live(*author)};
  if (allowed_by) before.allowed_by_live = is_live(*allowed_by);
  if (voucher) before.voucher_stands = is_live(*voucher);
  return before;
}

Result<void> fold_decision(const events::Event& event, Position position, PrincipalOf principal_of, views::Fold& fold) {
  if (const auto* issued = std::get_if<CertificateIssued>(&event.data)) return fold_issued(event, *issued, position, principal_of, fold);
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) return forget(*expired, fold);
  if (std::holds_alternative<events::ProfileDefined>(event.data)) {
    const auto first = fold_claims(event, Claim{event.id, position.offset, {}, event.body, event.time}, fold);
    return first ? Result<void>() : forward(first);
  }
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return fold_status(event, held->serial, principal_of, fold);
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data))
    return fold_status(event, released->serial, principal_of, fold);
  fold_blocked_key(event, fold);
  if (const auto* revoked = std::get_if<CertificateRevoked>(&event.data)) return fold_status(event, revoked->serial, principal_of, fold);
  return {};
}

}  // namespace quicklime::ca
