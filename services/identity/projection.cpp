#include "identity/projection.hpp"

#include "access/deciding.hpp"
#include "access/principal.hpp"
#include "ca/claims.hpp"
#include "ca/expiry.hpp"
#include "identity/view.hpp"
#include "views/index_key.hpp"

namespace quicklime::identity {
namespace {

using Fold = views::Fold;

void put(const views::PointKey& key, std::string value, Fold& fold) { fold.put(key.space, key.key, std::move(value)); }

// Whether the event was accepted where every role judges it (access/session.hpp), which left its offset as the version.
bool is_accepted(const UserId& user, std::uint64_t offset, Fold& fold) {
  const auto key = access::user_key(user);
  const auto standing = access::decode_user_standing(fold.get(key.space, key.key));
  return standing && standing->version == offset;
}
bool is_accepted(const std::string& provider, std::uint64_t offset, Fold& fold) {
  const auto key = access::provider_key(provider);
  return access::decode_provider_version(fold.get(key.space, key.key)) == offset;
}

template <class Change>
Result<void> change_account(const UserId& user, Instant time, Fold& fold, Change change) {
  const auto key = account_key(user);
  const auto value = fold.get(key.space, key.key);
  if (!value) return {};  // of another provider
  auto account = decode_account(*value);
  if (!account) return forward(account);
  change(*account);
  account->changed = time;
  put(key, encode(*account), fold);
  return {};
}

Result<void> fold_user(const events::Event& event, std::uint64_t offset, Fold& fold) {
  if (const auto* created = std::get_if<events::UserCreated>(&event.data)) {
    if (!is_accepted(created->user, offset, fold)) return {};
    put(account_key(created->user),
        encode(Account{.user = created->user,
                       .made_by = event.id,
                       .name = created->name,
                       .role = created->role,
                       .profiles = created->profiles,
                       .names = created->names,
                       .created = event.time,
                       .changed = event.time}),
        fold);
    fold.insert(kUserList, created->user.text());
    return {};
  }
  if (const auto* changed = std::get_if<events::UserChanged>(&event.data)) {
    if (!is_accepted(changed->user, offset, fold)) return {};
    return change_account(changed->user, event.time, fold, [&](Account& account) {
      account.name = changed->name;
      account.role = changed->role;
      account.profiles = changed->profiles;
      account.names = changed->names;
    });
  }
  if (const auto* set = std::get_if<events::UserPasswordSet>(&event.data)) {
    if (!is_accepted(set->user, offset, fold)) return {};
    return change_account(set->user, event.time, fold, [&](Account& account) { account.sealed_password = set->sealed; });
  }
  if (const auto* disabled = std::get_if<events::UserDisabled>(&event.data)) {
    fold.insert(kUserList, disabled->user.text());
    return change_account(disabled->user, event.time, fold, [](Account&) {});
  }
  if (const auto* enabled = std::get_if<events::UserEnabled>(&event.data)) {
    return change_account(enabled->user, event.time, fold, [](Account&) {});
  }
  return {};
}

void fold_rule(const events::Event& event, std::uint64_t offset, Fold& fold) {
  if (const auto* set = std::get_if<events::RuleSet>(&event.data)) {
    if (!is_accepted(set->provider, offset, fold)) return;
    put(rule_key(set->rule),
        encode(RuleRecord{.rule = set->rule,
                          .provider = set->provider,
                          .when = set->when,
                          .role = set->role,
                          .profiles = set->profiles,
                          .names = set->names,
                          .changed = event.time}),
        fold);
    fold.insert(kRuleList, set->rule.text());
  }
  if (const auto* removed = std::get_if<events::RuleRemoved>(&event.data)) {
    const auto key = rule_key(removed->rule);
    fold.erase(key.space, key.key);
    fold.remove(kRuleList, removed->rule.text());
  }
}

// Lists, and who was first at what it was exchanged for.
Result<void> fold_session(const events::Event& event, std::uint64_t offset, Fold& fold) {
  if (const auto* created = std::get_if<events::SessionCreated>(&event.data)) {
    const std::string& id = created->session.text();
    if (fold.get(kSessionPlace, id)) return {};
    const std::string& user = created->user.text();
    fold.put(kSessionPlace, id, views::index_key(user, offset, id));
    fold.insert(kSessionList, views::index_key(user, offset, id));
    fold.insert(kSessionList, views::index_key(kEverybodysSessions, offset, id));
    ca::note_expiry("session " + id, created->ends, fold, kClaimEnds);
    if (event.once.empty()) return {};
    auto verdict = ca::fold_claims(event, ca::Claim{event.id, offset, id, event.body, created->ends}, fold);
    if (!verdict) return forward(verdict);
    for (const auto& once : event.once) ca::note_expiry(once, created->ends, fold, kClaimEnds);
    return {};
  }
  if (const auto* expired = std::get_if<events::CertificatesExpired>(&event.data)) {
    constexpr std::string_view kOfSession = "session ";
    for (const auto& subject : ca::take_expired(expired->ended_before, fold, kClaimEnds)) {
      if (!subject.starts_with(kOfSession)) {
        const auto claim = ca::claim_key(subject);
        fold.erase(claim.space, claim.key);
        continue;
      }
      const std::string id = subject.substr(kOfSession.size());
      const auto place = fold.get(kSessionPlace, id);
      if (!place) continue;
      fold.remove(kSessionList, *place);
      fold.remove(kSessionList, std::string(kEverybodysSessions) + place->substr(place->rfind('\0')));
      fold.erase(kSessionPlace, id);
    }
  }
  return {};
}

}  // namespace

views::Projection projection() {
  views::Projection projection = access::deciding_projection("identity", 1);
  for (auto& space : identity_spaces()) projection.spaces.push_back(std::move(space));
  projection.apply = [decides = std::move(projection.apply)](const views::Record& record, Fold& fold) -> Result<void> {
    const auto& event = record.event;
    const std::uint64_t offset = record.position.offset;
    if (auto folded = decides(record, fold); !folded) return folded;
    if (const auto* token = std::get_if<events::TokenCreated>(&event.data))
      fold.insert(kTokenList, views::index_key("", offset, token->token.text()));
    fold_rule(event, offset, fold);
    if (auto folded = fold_user(event, offset, fold); !folded) return folded;
    return fold_session(event, offset, fold);
  };
  return projection;
}

}  // namespace quicklime::identity
