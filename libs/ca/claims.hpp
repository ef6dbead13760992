#pragma once
// Who was first at what an event wants to be first at (its `once` keys; architecture section 5), as part of a view. One mechanism for
// every event: a view keeps the claims of those that its role writes, because nobody else answers a retry.
//
// One request that is several events (a list of serials) claims `command:<hash>` with the first of them and `command:<hash>/<subject>`
// with each other.

#include <optional>
#include <string>
#include <string_view>

#include "ca/verdict.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

// Points "claim": once key -> Claim.
views::Space claim_space();
views::PointKey claim_key(std::string_view once);
std::string encode(const Claim& claim);
Result<std::optional<Claim>> decode_claim(const std::optional<std::string>& value);

// For an event that its once keys alone decide: Stands where it is the first at all of them, and then they are its own, by this claim.
Result<Verdict> fold_claims(const events::Event& event, const Claim& claim, views::Fold& fold);
// For one that was judged to stand by more than that.
void take_claims(const events::Event& event, const Claim& claim, views::Fold& fold);

// The once key of a request with an Idempotency-Key: `command:` and, in hex, the hash of actor, method, route (as a template) and key,
// each length-prefixed. "idempotency-key-malformed": not 1 to 255 printable ASCII characters.
Result<std::string> command_key(const events::Actor& actor, std::string_view method, std::string_view route, std::string_view key);

}  // namespace quicklime::ca
