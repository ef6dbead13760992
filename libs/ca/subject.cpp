#include "ca/subject.hpp"

#include "pki/certificate.hpp"

namespace quicklime::ca {

std::optional<Subject> subject_of(const events::Event& event) {
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    return Subject{issued->authority, issued->serial, issued->not_after};
  }
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) return Subject{revoked->authority, revoked->serial};
  if (const auto* held = std::get_if<events::CertificateHeld>(&event.data)) return Subject{held->authority, held->serial};
  if (const auto* released = std::get_if<events::CertificateReleased>(&event.data)) return Subject{released->authority, released->serial};
  if (const auto* added = std::get_if<events::AuthorityAdded>(&event.data)) {
    const auto certificate = pki::Certificate::parse(added->certificate);
    if (added->parent && certificate) return Subject{*added->parent, certificate->serial(), certificate->not_after()};
  }
  return std::nullopt;
}

std::string requester_text(const events::Actor& actor) { return std::string(events::name(actor.kind)) + ":" + actor.id; }

}  // namespace quicklime::ca
