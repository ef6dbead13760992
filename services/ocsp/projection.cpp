#include "access/principal.hpp"
#include "access/session.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/status.hpp"
#include "ca/subject.hpp"
#include "ocsp/service.hpp"
#include "ocsp/view.hpp"

namespace quicklime::ocsp {
namespace {

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& event = record.event;
  ca::fold_authority(event, fold);
  access::fold_principals(record, fold, access::KeptOfPrincipals::whether_they_live);
  ca::fold_blocked_key(event, fold);
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) {
    for (const auto& key : ca::take_expired(expired->ended_before, fold)) fold.erase(kStatusSpace, key);
    return {};
  }
  const auto subject = ca::subject_of(event);
  if (!subject) return {};
  const std::string key = status_key(subject->authority, subject->serial);
  const auto stored = fold.get(kStatusSpace, key);
  if (subject->issued_until) {
    // A serial that is there already stays what it is: nothing makes a revoked serial good again.
    if (stored) return {};
    fold.put(kStatusSpace, key, ca::encode(ca::Status{}));
    ca::note_expiry(key, *subject->issued_until, fold);
    return {};
  }
  // Held and released would make a serial good that nobody ever issued.
  if (!stored) return {};
  const auto before = ca::decode_status(*stored);
  if (!before) return forward(before);
  if (const auto after = ca::next_status(*before, event.data, event.time, access::grant_stands(event, fold)))
    fold.put(kStatusSpace, key, ca::encode(*after));
  return {};
}

std::vector<views::PointKey> reads(const events::Event& event) {
  const auto subject = ca::subject_of(event);
  if (!subject) return access::principal_reads(event);
  std::vector<views::PointKey> keys = subject->issued_until ? ca::expiry_reads(*subject->issued_until) : access::grant_reads(event);
  for (auto& key : ca::authority_reads(event)) keys.push_back(std::move(key));
  for (auto& key : access::session_reads(event)) keys.push_back(std::move(key));
  keys.push_back({kStatusSpace, status_key(subject->authority, subject->serial)});
  return keys;
}

}  // namespace

views::Projection projection() {
  return {.name = "ocsp",
          .version = 5,
          .spaces = access::with_principals(
              {ca::authority_space(), ca::blocked_key_space(), ca::expiry_space(), {kStatusSpace, views::SpaceKind::points}}),
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::ocsp
