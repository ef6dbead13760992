#pragma once
// The auth key that CFSSL's clients have of a token (docs/cfssl.md): HMAC-SHA256(ca/access.key, "cfssl" and the token's id). Nothing more
// is stored; it is worth what the token is, and ends with it.

#include "access/exchange.hpp"

namespace quicklime::identity {

Secret auth_key_of(const Secret& access_key, const TokenId& token);
bool is_by_auth_key(const Secret& access_key, const access::SignedRequest& request);

}  // namespace quicklime::identity
