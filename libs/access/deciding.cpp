#include "access/deciding.hpp"

#include "access/principal.hpp"
#include "ca/authority.hpp"
#include "ca/claims.hpp"
#include "ca/decisions.hpp"
#include "ca/expiry.hpp"
#include "ca/revocation_key_use.hpp"

namespace quicklime::access {
namespace {

Result<void> apply(const views::Record& record, views::Fold& fold) {
  const auto& event = record.event;
  ca::fold_authority(event, fold);
  fold_principals(record, fold);
  if (auto folded = ca::fold_revocation_key(event, fold); !folded) return folded;
  return ca::fold_decision(event, record.position, &principal_of, fold);
}

// What fold_decision judges by: who was first, the predecessor, the key, the token of the one who asked.
std::vector<views::PointKey> reads(const events::Event& event) {
  std::vector<views::PointKey> keys = ca::judged_by(event, &principal_of);
  if (std::holds_alternative<events::ProfileDefined>(event.data)) {
    for (const std::string& once : event.once) keys.push_back(ca::claim_key(once));
  }
  if (keys.empty()) keys = principal_reads(event);
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys.push_back(ca::certificate_key(issued->serial));
    for (auto& key : ca::expiry_reads(issued->not_after)) keys.push_back(std::move(key));
    keys.push_back(ca::revocation_keys_key());
  }
  if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) keys.push_back(ca::certificate_key(revoked->serial));
  for (auto& key : ca::authority_reads(event)) keys.push_back(std::move(key));
  return keys;
}

}  // namespace

views::Projection deciding_projection(std::string name, unsigned version) {
  auto spaces = with_principals(ca::decision_spaces());
  spaces.push_back(ca::authority_space());
  spaces.push_back(ca::revocation_key_space());
  return {.name = std::move(name), .version = version, .spaces = std::move(spaces), .apply = apply, .reads = reads};
}

}  // namespace quicklime::access
