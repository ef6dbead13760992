#include "access/principal.hpp"

#include <utility>

#include "access/session.hpp"
#include "access/token.hpp"
#include "ca/decisions.hpp"

namespace quicklime::access {

std::optional<ca::Principal> principal_of(const events::Actor& actor) {
  using Kind = events::Actor::Kind;
  switch (actor.kind) {
    case Kind::token:
      return ca::Principal{.records = {token_key(TokenId(actor.id))},
                           .is_live = [](std::span<const std::optional<std::string>> records) { return token_is_live(records.front()); },
                           .refusal = "token-revoked",
                           .since = 1};
    case Kind::user:
      return ca::Principal{.records = session_standing(SessionId(actor.session), UserId(actor.id)),
                           .is_live = &session_is_live,
                           .refusal = "session-ended",
                           .since = 1};
    case Kind::certificate: {
      const auto serial = SerialNumber::from_hex(actor.id);
      if (!serial) return std::nullopt;
      return ca::Principal{.records = {ca::certificate_key(*serial)},
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

std::vector<views::Space> with_principals(std::vector<views::Space> spaces) {
  spaces.push_back(token_space());
  for (auto& space : session_spaces()) spaces.push_back(std::move(space));
  return spaces;
}

void fold_principals(const views::Record& record, views::Fold& fold, KeptOfPrincipals kept) {
  fold_token(record.event, fold, kept);
  fold_session(record.event, record.position.offset, fold, kept);
}

std::vector<views::PointKey> principal_reads(const events::Event& event) {
  auto keys = token_reads(event);
  for (auto& key : session_reads(event)) keys.push_back(std::move(key));
  return keys;
}

bool grant_stands(const events::Event& event, views::Fold& fold) { return ca::grant_stands(event, &principal_of, fold); }
std::vector<views::PointKey> grant_reads(const events::Event& event) { return ca::grant_reads(event, &principal_of); }
std::optional<ca::Principal> giver(const events::Actor& actor) { return ca::giver(actor, &principal_of); }

}  // namespace quicklime::access
