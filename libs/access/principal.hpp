#pragma once
// Who of the actors of events can be taken back by the log, and which points of a view say whether he was: ca/principal.hpp for the
// records of this library and of libs/ca.

#include <optional>
#include <vector>

#include "access/token.hpp"
#include "ca/grant.hpp"

namespace quicklime::access {

// ca::PrincipalOf. A kind of actor that is added joins here, by one case.
std::optional<ca::Principal> principal_of(const events::Actor& actor);

// Tokens, sessions, and what a view must know of people to judge by them: spaces, folding, and reads for Projection::reads.
std::vector<views::Space> with_principals(std::vector<views::Space> spaces);
void fold_principals(const views::Record& record, views::Fold& fold, KeptOfPrincipals kept = KeptOfPrincipals::everything);
std::vector<views::PointKey> principal_reads(const events::Event& event);

// Those of ca/grant.hpp, by it.
bool grant_stands(const events::Event& event, views::Fold& fold);
std::vector<views::PointKey> grant_reads(const events::Event& event);
std::optional<ca::Principal> giver(const events::Actor& actor);

}  // namespace quicklime::access
