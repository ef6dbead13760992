#include "ca/claims.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"

namespace quicklime::ca {
namespace {

bool is_printable_ascii(char c) { return c >= 0x20 && c <= 0x7e; }

}  // namespace

views::Space claim_space() { return {"claim", views::SpaceKind::points}; }
views::PointKey claim_key(std::string_view once) { return {"claim", std::string(once)}; }

Result<Verdict> fold_claims(const events::Event& event, const Claim& claim, views::Fold& fold) {
  Before before;
  for (const std::string& once : event.once) {
    const views::PointKey key = claim_key(once);
    auto first = decode_claim(fold.get(key.space, key.key));
    if (!first) return forward(first);
    before.claims.push_back(*std::move(first));
  }
  Verdict verdict = judge_claims(event, before);
  if (std::holds_alternative<Stands>(verdict)) take_claims(event, claim, fold);
  return verdict;
}

void take_claims(const events::Event& event, const Claim& claim, views::Fold& fold) {
  for (const std::string& once : event.once) {
    const views::PointKey key = claim_key(once);
    fold.put(key.space, key.key, encode(claim));
  }
}

Result<std::string> command_key(const events::Actor& actor, std::string_view method, std::string_view route, std::string_view key) {
  if (key.empty() || key.size() > 255 || !std::all_of(key.begin(), key.end(), is_printable_ascii)) {
    return fail(ErrorCode::invalid, "idempotency-key-malformed", "an Idempotency-Key has 1 to 255 printable ASCII characters",
                "Idempotency-Key");
  }
  return "command:" + hex_encode(crypto::view(crypto::sha256_of_parts({name(actor.kind), actor.id, method, route, key})));
}

}  // namespace quicklime::ca
