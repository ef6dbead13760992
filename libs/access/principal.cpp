#include "access/principal.hpp"

#include "access/token.hpp"
#include "ca/decisions.hpp"

namespace quicklime::access {

std::optional<ca::Principal> principal_of(const events::Actor& actor) {
  using Kind = events::Actor::Kind;
  switch (actor.kind) {
    case Kind::token:
      return ca::Principal{.record = token_key(TokenId(actor.id)), .is_live = &token_is_live, .refusal = "token-revoked", .since = 1};
    case Kind::certificate: {
      const auto serial = SerialNumber::from_hex(actor.id);
      if (!serial) return std::nullopt;
      return ca::Principal{.record = ca::certificate_key(*serial),
                           .is_live = &ca::certificate_is_live,
                           .refusal = "author-revoked",
                           .since = 2,
                           .certificate = *serial};
    }
    case Kind::control:            // whoever has the data directory has the log
    case Kind::process:            // the CA itself
    case Kind::revocation_secret:  // a proof that takes its own certificate away, and asks for nothing
      return std::nullopt;
  }
  return std::nullopt;
}

bool grant_stands(const events::Event& event, views::Fold& fold) { return ca::grant_stands(event, &principal_of, fold); }
std::vector<views::PointKey> grant_reads(const events::Event& event) { return ca::grant_reads(event, &principal_of); }
std::optional<ca::Principal> giver(const events::Actor& actor) { return ca::giver(actor, &principal_of); }

}  // namespace quicklime::access
