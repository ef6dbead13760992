#include <algorithm>

#include "ca/authority.hpp"
#include "ca/expiry.hpp"
#include "crl/publish.hpp"
#include "crl/service.hpp"
#include "crl/view.hpp"

namespace quicklime::crl {
namespace {

struct Subject {
  AuthorityId authority;
  SerialNumber serial;
  std::optional<Instant> issued_until{};  // notAfter, where the event is the issuing
};

// Whom an event is about, where it is about a certificate of an authority.
std::optional<Subject> subject_of(const events::Event& event) {
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    return Subject{issued->authority, issued->serial, issued->not_after};
  }
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return Subject{revoked->authority, revoked->serial};
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return Subject{held->authority, held->serial};
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data)) return Subject{released->authority, released->serial};
  if (const auto* added = std::get_if<events::AuthorityAdded>(&event.data)) {
    // An issuing CA's certificate is one that its parent issued, and stands in its parent's CRL when it is revoked.
    const auto certificate = pki::Certificate::parse(added->certificate);
    if (added->parent && certificate) return Subject{*added->parent, certificate->serial(), certificate->not_after()};
  }
  return std::nullopt;
}

std::optional<Entry> entry_of(const Subject& subject, const Certificate& certificate) {
  if (certificate.status.kind == ca::Status::Kind::good) return std::nullopt;
  return Entry{subject.serial,
               certificate.since,
               std::nullopt,
               certificate.not_after,
               certificate.status.since.value_or(certificate.not_after),
               certificate.status.reason};
}

Result<void> fold_certificate(const Subject& subject, const events::Event& event, Position position, views::Fold& fold) {
  const auto key = certificate_key(subject.authority, subject.serial);
  const auto stored = fold.get(kCertificateSpace, key);
  if (subject.issued_until) {
    if (stored) return {};
    fold.put(kCertificateSpace, key, encode(Certificate{*subject.issued_until}));
    ca::note_expiry(subject.authority, subject.serial, *subject.issued_until, fold);
    return {};
  }
  // A serial that this authority never issued is in no CRL of it.
  if (!stored) return {};
  auto certificate = decode_certificate(*stored);
  if (!certificate) return forward(certificate);
  const auto after = ca::next_status(certificate->status, event);
  if (!after) return {};

  if (auto entry = entry_of(subject, *certificate)) {
    fold.remove(kEntrySpace, entry->key(subject.authority));
    entry->until = position;
    fold.insert(kEntrySpace, entry->key(subject.authority));
  }
  certificate->status = *after;
  certificate->since = position;
  if (const auto entry = entry_of(subject, *certificate)) fold.insert(kEntrySpace, entry->key(subject.authority));
  fold.put(kCertificateSpace, key, encode(*certificate));
  fold.put(kChangeSpace, subject.authority.text(), position.text());
  return {};
}

// Lets go what has ended and stands in no CRL any more. `shown`: the publication before the one that is being replaced, so
// that whoever is writing that one at this moment finds its entries. `before`: no later than any publication since.
Result<void> forget_expired(const AuthorityId& authority, const Complete& shown, Instant before, Instant now, views::Fold& fold) {
  const auto expired = ca::take_expired(authority, before, fold);
  std::vector<views::PointKey> keys;
  for (const auto& serial : expired) keys.push_back({kCertificateSpace, certificate_key(authority, serial)});
  fold.fetch(keys);
  for (const auto& serial : expired) {
    const auto key = certificate_key(authority, serial);
    const auto stored = fold.get(kCertificateSpace, key);
    if (!stored) continue;
    const auto certificate = decode_certificate(*stored);
    if (!certificate) return forward(certificate);
    const auto entry = entry_of(Subject{authority, serial}, *certificate);
    if (entry && entry->from > shown.number) {
      ca::note_expiry(authority, serial, now, fold);  // revoked after its end: still to be shown once
      continue;
    }
    if (entry) fold.remove(kEntrySpace, entry->key(authority));
    fold.erase(kCertificateSpace, key);
  }
  return {};
}

// The first after `previous` wins; what another process published on the same predecessor changes nothing.
Result<void> fold_publication(const events::CrlPublished& event, Position position, views::Fold& fold) {
  const auto stored = fold.get(kPublicationSpace, event.scope);
  std::optional<Complete> previous;
  std::optional<Complete> shown;
  if (stored) {
    const auto current = decode_publication(*stored);
    if (!current) return forward(current);
    previous = Complete{current->number, current->this_update};
    shown = current->previous;
  }
  const auto number = parse_number(event.number);
  if (event.previous != (previous ? number_text(previous->number) : "")) return {};
  // CRL numbers only grow (RFC 5280 section 5.2.3), and nobody can have covered what the log did not hold yet.
  if (!number || *number >= position || (previous && *number <= previous->number)) return {};
  fold.put(kPublicationSpace, event.scope,
           encode(Publication{*number, previous, event.this_update, event.next_update, event.entries_sha256, event.before, event.after}));
  if (shown) {
    const Instant before = std::min({shown->this_update, previous->this_update, event.this_update});
    return forget_expired(AuthorityId(event.scope), *shown, before, event.this_update, fold);
  }
  return {};
}

Result<void> apply(const events::Event& event, Position position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  if (const auto* published = std::get_if<events::CrlPublished>(&event.data)) return fold_publication(*published, position, fold);
  if (const auto subject = subject_of(event)) return fold_certificate(*subject, event, position, fold);
  return {};
}

std::vector<views::PointKey> reads(const events::Event& event) {
  if (const auto* published = std::get_if<events::CrlPublished>(&event.data)) return {{kPublicationSpace, published->scope}};
  const auto subject = subject_of(event);
  if (!subject) return {};
  std::vector<views::PointKey> keys;
  if (subject->issued_until) keys = ca::expiry_reads(subject->authority, *subject->issued_until);
  keys.push_back({kCertificateSpace, certificate_key(subject->authority, subject->serial)});
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "crl",
          .version = 2,
          .spaces = {ca::authority_space(),
                     ca::expiry_space(),
                     {kCertificateSpace, views::SpaceKind::points},
                     {kEntrySpace, views::SpaceKind::index},
                     {kChangeSpace, views::SpaceKind::points},
                     {kPublicationSpace, views::SpaceKind::points}},
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::crl
