#include "access/token.hpp"
#include "ca/authority.hpp"
#include "ca/status.hpp"
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

Result<void> fold_issued(const events::Event& event, const events::CertificateIssued& issued, Position position, views::Fold& fold) {
  const auto known = load(issued.serial, fold);
  if (!known) return forward(known);
  if (*known) return {};  // a serial is issued once; the first stands
  auto predecessor = issued.replaces ? load(*issued.replaces, fold) : Result<std::optional<Certificate>>();
  if (!predecessor) return forward(predecessor);
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
                                .replaces = issued.replaces};
  store(certificate, fold);
  const auto der = der_key(issued.serial);
  fold.put(der.space, der.key, issued.certificate);

  const std::string serial = issued.serial.hex();
  for (const std::string& group : {std::string(kEverybody), whose(requester)}) {
    fold.insert(kByOffset, index_key(group, position.offset, serial));
    fold.insert(kByExpiry, index_key(group, expiry_number(issued.not_after), serial));
  }
  for (const auto& name : issued.names) fold.insert(kByName, index_key(name_group(name), position.offset, serial));
  if (issued.service) fold.insert(kByService, index_key(*issued.service, position.offset, serial));

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
  const auto next = ca::next_status(before, event);
  if (!next) return {};
  (*certificate)->status = *next;
  store(**certificate, fold);
  if (before.kind == next->kind) return {};
  const auto move = [&](Kind kind) { return index_key(status_group(kind), (*certificate)->issued.offset, serial.hex()); };
  if (before.kind != Kind::good) fold.remove(kByStatus, move(before.kind));
  if (next->kind != Kind::good) fold.insert(kByStatus, move(next->kind));
  return next->kind == Kind::revoked ? free_predecessor(**certificate, fold) : Result<void>();
}

Result<void> apply(const events::Event& event, Position position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  access::fold_token(event, fold);
  if (const auto* token = std::get_if<events::TokenCreated>(&event.data)) {
    fold.insert(kTokens, index_key("", position.offset, token->token.text()));
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
    keys.push_back(certificate_key(issued->serial));
    if (issued->replaces) keys.push_back(certificate_key(*issued->replaces));
  } else if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) {
    keys.push_back(certificate_key(revoked->serial));
  } else {
    keys = access::token_reads(event);
  }
  return keys;
}

}  // namespace

views::Projection projection() {
  auto spaces = certificate_spaces();
  spaces.push_back(ca::authority_space());
  spaces.push_back(access::token_space());
  return {.name = "dashboard_api", .version = 2, .spaces = std::move(spaces), .apply = apply, .reads = reads};
}

}  // namespace quicklime::dashboard_api
