#include "ca/grant.hpp"

namespace quicklime::ca {
namespace {

bool gives(const events::Event& event) {
  if (std::holds_alternative<events::TokenCreated>(event.data)) return event.rules >= 2;
  if (std::holds_alternative<events::CertificateReleased>(event.data)) return event.rules >= 3;
  return false;
}

}  // namespace

bool grant_stands(const events::Event& event, PrincipalOf principal_of, views::Fold& fold) {
  const auto author = gives(event) ? giver(event.actor, principal_of) : std::nullopt;
  return !author || author->is_live(fold.get(author->record.space, author->record.key));
}

std::vector<views::PointKey> grant_reads(const events::Event& event, PrincipalOf principal_of) {
  const auto author = gives(event) ? giver(event.actor, principal_of) : std::nullopt;
  if (!author) return {};
  return {author->record};
}

std::optional<Principal> giver(const events::Actor& actor, PrincipalOf principal_of) {
  auto principal = principal_of(actor);
  return principal && !principal->certificate ? std::move(principal) : std::nullopt;
}

}  // namespace quicklime::ca
