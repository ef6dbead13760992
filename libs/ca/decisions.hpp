#pragma once
// What a role that issues must remember of the log to judge by it: claims, certificates, blocked keys. Part of the
// views of issuance and renewal.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/serial_number.hpp"
#include "ca/claims.hpp"
#include "ca/grant.hpp"
#include "ca/principal.hpp"
#include "ca/status.hpp"
#include "ca/verdict.hpp"
#include "events/event.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

// One certificate as the deciding roles know it.
struct CertificateRecord {
  std::uint64_t offset;  // of its certificate.issued event
  AuthorityId authority;
  std::string key_sha256;
  Instant not_before;
  Instant not_after;
  Status status{};
  std::string requester{};  // whose it is: requester_text (ca/subject.hpp)
  std::string renewal_challenge;
  std::optional<std::string> replaces{};     // serial, hex
  std::optional<std::string> replaced_by{};  // serial, hex, of a successor that stands
  std::string standing;                      // "stands", "retry_of", or the refusal's reason (ca::refusal)
  std::optional<Claim> lost_to{};            // retry_of, and refusals that lost a claim
  std::vector<std::string> commands{};       // once keys of its commands, where it stands: they go when it goes
};
std::string encode(const CertificateRecord& record);
Result<CertificateRecord> decode_certificate_record(std::string_view text);
bool certificate_is_live(std::span<const std::optional<std::string>> records);  // was answered, and is not revoked or held

// Spaces "certificate" (serial hex -> record), "claim" (once key -> Claim), "blocked_key" (key sha256 -> reason),
// index "unanswered" (serial hex: certificates that do not stand and are not revoked yet: work for the sweep).
// Needs in the same view the records that principal_of names for those who ask: the token space of libs/access.
std::vector<views::Space> decision_spaces();
inline constexpr const char* kUnansweredSpace = "unanswered";
// Folds certificate.issued/revoked/held/released, certificates.expired and key.blocked. A successor that is revoked frees its
// predecessor's `replaces` claim. What certificates.expired names leaves with its claims: its command, and that somebody renewed it.
// Blocked keys stay for ever.
Result<void> fold_decision(const events::Event& event, Position position, PrincipalOf principal_of, views::Fold& fold);

// What the verdict on a certificate.issued event depends on: the points to read, and what they say, in the same order.
// For Projection::reads, and for a role that asks before it signs. Empty for other events. Whether the predecessor's or the
// author's key is blocked takes a second read (the key stands in the record): the fold makes it, and the roles ask for themselves when
// they look at the proof. Nor is Before::Predecessor::continued among it: the fold looks at the authorities, and the issuer at those it
// knows.
std::vector<views::PointKey> judged_by(const Judged& judged, PrincipalOf principal_of);
Result<Before> before_from(const Judged& judged, const std::vector<std::optional<std::string>>& values, PrincipalOf principal_of);

views::PointKey certificate_key(const SerialNumber& serial);
views::PointKey blocked_key_key(std::string_view key_sha256);
// Keys that were reported as compromised, as part of any role's view: by key.blocked, or with a certificate of theirs.
views::Space blocked_key_space();
void fold_blocked_key(const events::Event& event, views::Fold& fold);

}  // namespace quicklime::ca
