#include "ca/grant.hpp"

namespace quicklime::ca {
namespace {

template <class... Events>
bool is_one_of(const events::Data& data) {
  return (std::holds_alternative<Events>(data) || ...);
}

bool gives(const events::Event& event) {
  using namespace events;
  if (is_one_of<TokenCreated>(event.data)) return event.rules >= 2;
  if (is_one_of<CertificateReleased>(event.data)) return event.rules >= 3;
  return is_one_of<UserCreated, UserChanged, UserEnabled, UserPasswordSet, RuleSet, SessionCreated, SessionExtended>(event.data);
}

}  // namespace

bool is_live(const Principal& principal, views::Fold& fold) {
  std::vector<std::optional<std::string>> values;
  for (const auto& key : principal.records) values.push_back(fold.get(key.space, key.key));
  return principal.is_live(values);
}

bool grant_stands(const events::Event& event, PrincipalOf principal_of, views::Fold& fold) {
  const auto author = gives(event) ? giver(event.actor, principal_of) : std::nullopt;
  return !author || is_live(*author, fold);
}

std::vector<views::PointKey> grant_reads(const events::Event& event, PrincipalOf principal_of) {
  const auto author = gives(event) ? giver(event.actor, principal_of) : std::nullopt;
  return author ? author->records : std::vector<views::PointKey>();
}

std::optional<Principal> giver(const events::Actor& actor, PrincipalOf principal_of) {
  auto principal = principal_of(actor);
  return principal && !principal->certificate ? std::move(principal) : std::nullopt;
}

}  // namespace quicklime::ca
