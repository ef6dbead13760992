#include "ca/grant.hpp"

namespace quicklime::ca {
namespace {

bool gives(const events::Event& event) {
  if (std::holds_alternative<events::TokenCreated>(event.data)) return event.rules >= 2;
  if (std::holds_alternative<events::CertificateReleased>(event.data)) return event.rules >= 3;
  return false;
}

}  // namespace

views::PointKey token_key(const TokenId& id) { return {"token", id.text()}; }

bool grant_stands(const events::Event& event, TokenIsLive token_is_live, views::Fold& fold) {
  for (const auto& author : grant_reads(event)) {
    if (!token_is_live(fold.get(author.space, author.key))) return false;
  }
  return true;
}

std::vector<views::PointKey> grant_reads(const events::Event& event) {
  if (!gives(event) || event.actor.kind != events::Actor::Kind::token) return {};
  return {token_key(TokenId(event.actor.id))};
}

}  // namespace quicklime::ca
