#include "ca/authority.hpp"
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
    if (!stored) fold.put(kCertificateSpace, key, encode(Certificate{*subject.issued_until}));
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

// The first after `previous` wins; what another process published on the same predecessor changes nothing.
Result<void> fold_publication(const events::CrlPublished& event, Position position, views::Fold& fold) {
  const auto stored = fold.get(kPublicationSpace, event.scope);
  std::optional<Complete> previous;
  if (stored) {
    const auto current = decode_publication(*stored);
    if (!current) return forward(current);
    previous = Complete{current->number, current->this_update};
  }
  const auto number = parse_number(event.number);
  if (event.previous != (previous ? number_text(previous->number) : "")) return {};
  // CRL numbers only grow (RFC 5280 section 5.2.3), and nobody can have covered what the log did not hold yet.
  if (!number || *number >= position || (previous && *number <= previous->number)) return {};
  fold.put(kPublicationSpace, event.scope,
           encode(Publication{*number, previous, event.this_update, event.next_update, event.entries_sha256, event.before, event.after}));
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
  if (const auto subject = subject_of(event)) return {{kCertificateSpace, certificate_key(subject->authority, subject->serial)}};
  return {};
}

}  // namespace

views::Projection projection() {
  return {.name = "crl",
          .version = 1,
          .spaces = {ca::authority_space(),
                     {kCertificateSpace, views::SpaceKind::points},
                     {kEntrySpace, views::SpaceKind::index},
                     {kChangeSpace, views::SpaceKind::points},
                     {kPublicationSpace, views::SpaceKind::points}},
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::crl
