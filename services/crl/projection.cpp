#include <algorithm>

#include "access/principal.hpp"
#include "access/session.hpp"
#include "ca/authority.hpp"
#include "ca/crl_publication.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/subject.hpp"
#include "crl/service.hpp"
#include "crl/view.hpp"

namespace quicklime::crl {
namespace {

// The entry that stands in the CRLs from here on.
std::optional<Entry> entry_of(const SerialNumber& serial, const Certificate& certificate) {
  if (certificate.status.kind == ca::Status::Kind::good || certificate.left) return std::nullopt;
  return Entry{serial,
               certificate.since,
               std::nullopt,
               certificate.not_after,
               certificate.status.since.value_or(certificate.not_after),
               certificate.status.reason};
}

void end_entry(const AuthorityId& authority, Entry entry, Position until, Certificate& certificate, views::Fold& fold) {
  fold.remove(kEntrySpace, entry.key(authority));
  entry.until = until;
  certificate.ended.push_back(entry.key(authority));
  fold.insert(kEntrySpace, certificate.ended.back());
}

Result<void> fold_certificate(const ca::Subject& subject, const events::Event& event, Position position, views::Fold& fold) {
  const auto key = certificate_key(subject.authority, subject.serial);
  const auto stored = fold.get(kCertificateSpace, key);
  if (subject.issued_until) {
    if (stored) return {};
    fold.put(kCertificateSpace, key, encode(Certificate{*subject.issued_until}));
    ca::note_expiry(key, *subject.issued_until, fold);
    return {};
  }
  // A serial that this authority never issued is in no CRL of it.
  if (!stored) return {};
  auto certificate = decode_certificate(*stored);
  if (!certificate) return forward(certificate);
  const auto after = ca::next_status(certificate->status, event.data, event.time, access::grant_stands(event, fold));
  if (!after) return {};

  if (auto entry = entry_of(subject.serial, *certificate)) {
    end_entry(subject.authority, *std::move(entry), position, *certificate, fold);
  }
  // A change is shown once more, also when the certificate has ended.
  certificate->status = *after;
  certificate->since = position;
  certificate->expired.reset();
  certificate->left = false;
  if (const auto entry = entry_of(subject.serial, *certificate)) fold.insert(kEntrySpace, entry->key(subject.authority));
  fold.put(kCertificateSpace, key, encode(*certificate));
  fold.put(kChangeSpace, subject.authority.text(), position.text());
  return {};
}

Result<std::optional<Publication>> publication_of(const std::string& scope, views::Fold& fold) {
  const auto stored = fold.get(kPublicationSpace, scope);
  if (!stored) return std::nullopt;
  auto publication = decode_publication(*stored);
  if (!publication) return forward(publication);
  return std::optional(*std::move(publication));
}

// One step on its way out (Certificate::expired); false: nothing is left of it.
Result<bool> take_step(const AuthorityId& authority, const SerialNumber& serial, Position position, Certificate& certificate,
                       views::Fold& fold) {
  const auto entry = entry_of(serial, certificate);
  if (!entry && certificate.ended.empty()) return false;  // most: never in any CRL
  const auto current = publication_of(authority.text(), fold);
  if (!current) return forward(current);
  if (entry) {
    if (!certificate.expired) {
      certificate.expired = position;
    } else if (*current && (*current)->number >= std::max(*certificate.expired, entry->from)) {
      end_entry(authority, *entry, position, certificate, fold);
      certificate.left = true;
    }
    return true;
  }
  // The CRL before the current one may still be on its way to somebody.
  for (const auto& key : certificate.ended) {
    const auto ended = Entry::parse(key);
    if (!ended) return forward(ended);
    if (!*current || !(*current)->previous || *ended->until > (*current)->previous->number) return true;
  }
  for (const auto& key : certificate.ended) fold.remove(kEntrySpace, key);
  return false;
}

Result<void> fold_expired(const events::CertificatesExpired& event, Position position, views::Fold& fold) {
  fold.put(kExpiredSpace, kLastExpired, std::to_string(event.ended_before.seconds()));
  const auto keys = ca::take_expired(event.ended_before, fold);
  std::vector<views::PointKey> points;
  for (const auto& key : keys) points.push_back({kCertificateSpace, key});
  fold.fetch(points);
  for (const auto& key : keys) {
    const auto stored = fold.get(kCertificateSpace, key);
    if (!stored) continue;
    auto certificate = decode_certificate(*stored);
    if (!certificate) return forward(certificate);
    const auto slash = key.find('/');
    const auto serial = SerialNumber::from_hex(std::string_view(key).substr(slash + 1));
    if (!serial) return forward(serial);
    const auto stays = take_step(AuthorityId(key.substr(0, slash)), *serial, position, *certificate, fold);
    if (!stays) return forward(stays);
    if (*stays) {
      fold.put(kCertificateSpace, key, encode(*certificate));
      ca::note_expiry(key, event.ended_before, fold);  // for the next event, which names a later day
    } else {
      fold.erase(kCertificateSpace, key);
    }
  }
  return {};
}

// The first after `previous` wins; what another process published on the same predecessor changes nothing.
Result<void> fold_publication(const events::CrlPublished& event, unsigned rules, Position position, views::Fold& fold) {
  const auto current = publication_of(event.scope, fold);
  if (!current) return forward(current);
  std::optional<Complete> previous;
  if (*current) previous = Complete{(*current)->number, (*current)->this_update};
  const auto number = ca::parse_crl_number(event.number);
  if (event.previous != (previous ? ca::crl_number_text(previous->number) : "")) return {};
  // CRL numbers only grow (RFC 5280 section 5.2.3), and nobody can have covered what the log did not hold yet.
  if (!number || *number >= position || (previous && *number <= previous->number)) return {};
  fold.put(kPublicationSpace, event.scope,
           encode(Publication{*number, previous, event.this_update, event.next_update, event.entries_sha256, event.before, event.after,
                              rules, event.signed_at}));
  return {};
}

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& [event, position, hash, repeats] = record;
  ca::fold_authority(event, fold);
  access::fold_principals(record, fold, access::KeptOfPrincipals::whether_they_live);
  ca::fold_blocked_key(event, fold);
  if (const auto* published = std::get_if<events::CrlPublished>(&event.data)) {
    return fold_publication(*published, event.rules, position, fold);
  }
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) return fold_expired(*expired, position, fold);
  if (const auto subject = ca::subject_of(event)) return fold_certificate(*subject, event, position, fold);
  return {};
}

std::vector<views::PointKey> reads(const events::Event& event) {
  if (const auto* published = std::get_if<events::CrlPublished>(&event.data)) return {{kPublicationSpace, published->scope}};
  const auto subject = ca::subject_of(event);
  if (!subject) return access::principal_reads(event);
  std::vector<views::PointKey> keys = subject->issued_until ? ca::expiry_reads(*subject->issued_until) : access::grant_reads(event);
  for (auto& key : ca::authority_reads(event)) keys.push_back(std::move(key));
  for (auto& key : access::session_reads(event)) keys.push_back(std::move(key));
  keys.push_back({kCertificateSpace, certificate_key(subject->authority, subject->serial)});
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "crl",
          .version = 5,
          .spaces = access::with_principals({ca::authority_space(),
                                             ca::blocked_key_space(),
                                             ca::expiry_space(),
                                             {kCertificateSpace, views::SpaceKind::points},
                                             {kEntrySpace, views::SpaceKind::index},
                                             {kChangeSpace, views::SpaceKind::points},
                                             {kExpiredSpace, views::SpaceKind::points},
                                             {kPublicationSpace, views::SpaceKind::points}}),
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::crl
