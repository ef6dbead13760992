#pragma once
// What gives (an access, trust again) stands only if its author was somebody at its own offset (architecture section 5). What takes
// away stays, whoever wrote it.

#include <optional>
#include <vector>

#include "ca/principal.hpp"

namespace quicklime::ca {

// Of token.created (from rules 2 on), certificate.released (from rules 3 on), and what makes, changes or admits a person (user.*, rule.set,
// session.*): whether its author was live. Every later event that gives joins there. Of any other event: true. certificate.issued, of which
// more is demanded, is judged by ca/verdict.hpp.
bool grant_stands(const events::Event& event, PrincipalOf principal_of, views::Fold& fold);
// What it gets, for Projection::reads.
std::vector<views::PointKey> grant_reads(const events::Event& event, PrincipalOf principal_of);
// Who gives, where that is somebody whom the log can take back and every view knows. The holder of a certificate is none: no route lets
// him give.
std::optional<Principal> giver(const events::Actor& actor, PrincipalOf principal_of);

}  // namespace quicklime::ca
