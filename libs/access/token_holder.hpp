#pragma once
// A token that somebody has proved to hold otherwise than by its text: by a key that is made of its id (services/issuance/cfssl.hpp).

#include "access/identity.hpp"

namespace quicklime::access {

// As the token itself would be recognised, where everybody else's tokens are taken. "token-unknown", "token-expired", "token-revoked"
// (401), "token-not-here" (403), "view-stale" (503).
async::Task<Recognised> holder_of_token(views::View& view, const Clock& clock, Milliseconds stale_limit, TokenId token);

}  // namespace quicklime::access
