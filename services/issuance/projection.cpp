#include "access/token.hpp"
#include "ca/authority.hpp"
#include "ca/decisions.hpp"
#include "issuance/service.hpp"

namespace quicklime::issuance {
namespace {

Result<void> apply(const events::Event& event, Position position, views::Fold& fold) {
  ca::fold_authority(event, fold);
  access::fold_token(event, fold);
  return ca::fold_decision(event, position, &access::token_is_live, fold);
}

// What fold_decision judges by: who was first, the predecessor, the key, the token of the one who asked.
std::vector<views::PointKey> reads(const events::Event& event) {
  std::vector<views::PointKey> keys;
  if (const auto* issued = std::get_if<events::CertificateIssued>(&event.data)) {
    keys.push_back(ca::certificate_key(issued->serial));
    keys.push_back(ca::blocked_key_key(issued->key_sha256));
    for (const auto& once : event.once) keys.push_back(ca::claim_key(once));
    if (issued->replaces) keys.push_back(ca::certificate_key(*issued->replaces));
    if (event.actor.kind == "token") keys.push_back(access::token_key(TokenId(event.actor.id)));
  } else if (const auto* revoked = std::get_if<events::CertificateRevoked>(&event.data)) {
    keys.push_back(ca::certificate_key(revoked->serial));
  }
  return keys;
}

}  // namespace

views::Projection projection() {
  auto spaces = ca::decision_spaces();
  spaces.push_back(ca::authority_space());
  spaces.push_back(access::token_space());
  return {.name = "issuance", .version = 1, .spaces = std::move(spaces), .apply = apply, .reads = reads};
}

}  // namespace quicklime::issuance
