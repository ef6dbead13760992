#pragma once
// What gives (an access, trust again) stands only if its author was somebody at its own offset (architecture section 5). What takes
// away stays, whoever wrote it.

#include <optional>
#include <string>
#include <vector>

#include "events/event.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

// Of a token as the view has it: exists and is not revoked. libs/access, which knows the records, provides it.
using TokenIsLive = bool (*)(const std::optional<std::string>& token_record);
views::PointKey token_key(const TokenId& id);

// Of token.created (from rules 2 on) and certificate.released (from rules 3 on): whether its author was live. What is no principal of
// the log's (the control socket, the process itself) always is; a kind that the log can take back (token; later users) joins
// here, and so does every event that gives. Of any other event: true. certificate.issued, which more is demanded of, is judged by
// ca/verdict.hpp.
bool grant_stands(const events::Event& event, TokenIsLive token_is_live, views::Fold& fold);
// What it gets, for Projection::reads.
std::vector<views::PointKey> grant_reads(const events::Event& event);

}  // namespace quicklime::ca
