#include "ca/status.hpp"
#include "ocsp/service.hpp"
#include "ocsp/view.hpp"

namespace quicklime::ocsp {
namespace {

// Whom an event is about, where it is about a certificate of an authority.
std::optional<std::string> subject_of(const events::Event& event) {
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) return status_key(issued->authority, issued->serial);
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return status_key(revoked->authority, revoked->serial);
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return status_key(held->authority, held->serial);
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data))
    return status_key(released->authority, released->serial);
  if (const auto* added = std::get_if<events::AuthorityAdded>(&event.data)) {
    // An issuing CA's certificate is one that its parent issued.
    const auto certificate = pki::Certificate::parse(added->certificate);
    if (added->parent && certificate) return status_key(*added->parent, certificate->serial());
  }
  return std::nullopt;
}

bool issues(const events::Event& event) {
  return std::holds_alternative<events::CertificateIssued>(event.data) || std::holds_alternative<events::AuthorityAdded>(event.data);
}

Result<void> apply(const events::Event& event, Position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  const auto key = subject_of(event);
  if (!key) return {};
  const auto stored = fold.get(kStatusSpace, *key);
  if (issues(event)) {
    // A serial that is there already stays what it is: nothing makes a revoked serial good again.
    if (!stored) fold.put(kStatusSpace, *key, ca::encode(ca::Status{}));
    return {};
  }
  // Held and released would make a serial good that nobody ever issued.
  if (!stored) return {};
  const auto before = ca::decode_status(*stored);
  if (!before) return forward(before);
  if (const auto after = ca::next_status(*before, event)) fold.put(kStatusSpace, *key, ca::encode(*after));
  return {};
}

std::vector<views::PointKey> reads(const events::Event& event) {
  if (const auto key = subject_of(event)) return {{kStatusSpace, *key}};
  return {};
}

}  // namespace

views::Projection projection() {
  return {.name = "ocsp",
          .version = 1,
          .spaces = {ca::authority_space(), {kStatusSpace, views::SpaceKind::points}},
          .apply = apply,
          .reads = reads};
}

}  // namespace quicklime::ocsp
