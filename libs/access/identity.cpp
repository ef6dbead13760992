#include "access/identity.hpp"

#include <pwd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "access/token.hpp"
#include "access/token_holder.hpp"
#include "ca/live_certificate.hpp"
#include "ca/role_uri.hpp"
#include "crypto/constant_time.hpp"

namespace quicklime::access {
namespace {

std::string user_name(uid_t uid) {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> buffer{};
  if (getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == 0 && found) return found->pw_name;
  return "uid-" + std::to_string(uid);
}

class ControlSocketAuthenticator final : public Authenticator {
 public:
  explicit ControlSocketAuthenticator(uid_t owner) : owner_(owner) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    if (!credentials.control_socket_uid) co_return std::nullopt;
    const uid_t uid = *credentials.control_socket_uid;
    const std::string user = user_name(uid);
    if (auto allowed = may_use_control_socket(uid, owner_); !allowed) co_return Recognised{forward(allowed)};
    co_return Recognised{Identity{{events::Actor::Kind::control, user}, user, Role::administrator, {"*"}, ca::NamePolicy::everything()}};
  }

 private:
  uid_t owner_;
};

// Decoded records, by their text: each request brings a token, and nearly always one that was just there.
class DecodedTokens {
 public:
  Result<std::shared_ptr<const TokenRecord>> of(const std::string& value) {
    {
      const std::lock_guard lock(mutex_);
      if (const auto found = decoded_.find(value); found != decoded_.end()) return found->second;
    }
    auto record = decode_token(value);
    if (!record) return forward(record);
    auto kept = std::make_shared<const TokenRecord>(std::move(*record));
    const std::lock_guard lock(mutex_);
    if (decoded_.size() >= kMost) decoded_.clear();
    return decoded_.insert_or_assign(value, std::move(kept)).first->second;
  }

 private:
  static constexpr std::size_t kMost = 1'000;
  std::mutex mutex_;
  std::unordered_map<std::string, std::shared_ptr<const TokenRecord>> decoded_;
};

Result<Identity> identity_of(const TokenRecord& token) {
  const auto role = parse_role(token.role);
  if (!role) return forward(role);
  Identity identity{{events::Actor::Kind::token, token.id.text()}, token.name, *role, token.profiles, ca::NamePolicy::everything()};
  if (*role == Role::administrator) {
    identity.profiles = {"*"};
    return identity;
  }
  std::vector<std::string> granted = token.names;
  // Made before roles were named by URIs: bound to the DNS name that its role had then, under the profile tls-peer.
  const auto is = [](const char* profile) { return [profile](const std::string& name) { return name == profile; }; };
  if (*role == Role::process && !granted.empty() && std::any_of(token.profiles.begin(), token.profiles.end(), is("tls-peer"))) {
    if (const auto uri = ca::role_uri(granted.front())) {
      granted.push_back(uri->value);
      identity.profiles.push_back(ca::kRolePeerProfile);
    }
  }
  auto names = ca::NamePolicy::make(granted, {});
  if (!names) return forward(names);
  identity.names = *std::move(names);
  return identity;
}

// Of who holds it.
Result<Identity> standing(const TokenRecord& record, Instant now, TokensOf tokens_of) {
  if (record.revoked) {
    return fail(ErrorCode::unauthenticated, "token-revoked",
                "the token " + record.name + " was revoked at " + record.revoked->rfc3339_seconds());
  }
  if (const Instant end = end_of(record); end <= now) {
    return fail(ErrorCode::unauthenticated, "token-expired", "the token " + record.name + " expired at " + end.rfc3339_seconds());
  }
  if (record.single_use) {
    return fail(ErrorCode::denied, "token-not-here",
                "the token " + record.name + " is for signing in once: exchange it at POST /v1/sign-in, or open its URL");
  }
  const auto role = parse_role(record.role);
  const bool of_process = role && row(*role).of_daemons;
  if (of_process != (tokens_of == TokensOf::processes)) {
    return fail(ErrorCode::denied, "token-not-here",
                of_process ? "the token " + record.name + " is for a daemon's first certificate, and taken where issuance listens for such"
                           : "only the tokens of daemons are taken here; " + record.name + " is none");
  }
  return identity_of(record);
}

Failure token_unknown() {
  return fail(ErrorCode::unauthenticated, "token-unknown",
              "this token is not one of ours; an administrator makes one with `quicklime token create`");
}

class TokenAuthenticator final : public Authenticator {
 public:
  TokenAuthenticator(views::View& view, const Clock& clock, Milliseconds stale_limit, StaleTokens stale_tokens, TokensOf tokens_of)
      : view_(view), clock_(clock), stale_limit_(stale_limit), stale_tokens_(stale_tokens), tokens_of_(tokens_of) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    if (!credentials.bearer || !credentials.bearer->reveal().starts_with("qlk_")) co_return std::nullopt;
    const auto text = parse_token(credentials.bearer->reveal());
    if (!text) co_return Recognised{token_unknown()};
    std::vector<views::PointKey> key(1, token_key(text->id));
    const auto points = co_await view_.get(std::move(key));
    if (!points) co_return Recognised{forward(points)};
    const auto& record = points->values.front();
    const auto fresh = views::require_fresh(points->meta, stale_limit_);
    if (!fresh && (!record || stale_tokens_ == StaleTokens::refused)) co_return Recognised{forward(fresh)};
    auto recognised = judge(*text, record);
    if (recognised.identity) recognised.identity->persist_by = fresh.value_or(points->meta.asked_at);
    co_return recognised;
  }

 private:
  // Only who holds the secret learns that the token has expired or was revoked. A token that is not there costs the same
  // comparison.
  Recognised judge(const TokenText& text, const std::optional<std::string>& value) {
    std::shared_ptr<const TokenRecord> record;
    if (value) {
      auto decoded = decoded_.of(*value);
      if (!decoded) return {forward(decoded)};
      record = *std::move(decoded);
    }
    const std::string expected = record ? record->secret_sha256 : std::string(text.secret_sha256.size(), '-');
    const bool equal = crypto::equal_in_constant_time(expected, text.secret_sha256);
    if (!record || !equal) return {token_unknown()};
    return {standing(*record, clock_.now(), tokens_of_), events::Actor{events::Actor::Kind::token, text.id.text()}};
  }

  views::View& view_;
  const Clock& clock_;
  Milliseconds stale_limit_;
  StaleTokens stale_tokens_;
  TokensOf tokens_of_;
  DecodedTokens decoded_;
};

class PeerAuthenticator final : public Authenticator {
 public:
  PeerAuthenticator(views::View& view, const Clock& clock, Milliseconds stale_limit)
      : view_(view), clock_(clock), stale_limit_(stale_limit) {}

  async::Task<std::optional<Recognised>> recognise(const Credentials& credentials) override {
    if (!credentials.client_certificate || credentials.client_certificate->size() > ca::kLargestPeer) co_return std::nullopt;
    const auto certificate = pki::Certificate::parse(*credentials.client_certificate);
    const auto role = certificate ? ca::role_of(*certificate) : std::nullopt;
    if (!role) co_return std::nullopt;
    const auto standing = co_await ca::standing_of(view_, *certificate, clock_.now(), stale_limit_);
    if (!standing) co_return Recognised{forward(standing)};
    const events::Actor actor{events::Actor::Kind::certificate, certificate->serial().hex()};
    if (*standing != ca::Standing::live) {
      Recognised refused{
          fail(ErrorCode::unauthenticated, "peer-revoked",
               "the certificate of " + *role + " is revoked, on hold, expired, none of this CA's or of a revoked authority")};
      if (*standing == ca::Standing::dead) refused.somebody = actor;
      co_return refused;
    }
    std::vector<std::string> names;
    for (const auto& name : certificate->alternative_names()) names.push_back(name.value);
    auto policy = ca::NamePolicy::make(names, {});
    if (!policy) co_return Recognised{forward(policy)};
    Identity identity{actor, *role, Role::process, {ca::kRolePeerProfile}, *std::move(policy)};
    if (*role == "ocsp") identity.profiles.push_back("ocsp-signing");
    co_return Recognised{std::move(identity)};
  }

 private:
  views::View& view_;
  const Clock& clock_;
  Milliseconds stale_limit_;
};

}  // namespace

Result<void> may_use_control_socket(std::optional<uid_t> peer, uid_t owner) {
  if (peer && (*peer == 0 || *peer == owner)) return {};
  return fail(ErrorCode::denied, "control-socket-denied",
              (peer ? "the user " + user_name(*peer) : "a user whom the system does not name") + " is neither root nor " +
                  user_name(owner) + ", who owns the data directory");
}

std::unique_ptr<Authenticator> control_socket_authenticator(uid_t owner) { return std::make_unique<ControlSocketAuthenticator>(owner); }

std::unique_ptr<Authenticator> token_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit,
                                                   StaleTokens stale_tokens, TokensOf tokens_of) {
  return std::make_unique<TokenAuthenticator>(view, clock, stale_limit, stale_tokens, tokens_of);
}

std::unique_ptr<Authenticator> peer_authenticator(views::View& view, const Clock& clock, Milliseconds stale_limit) {
  return std::make_unique<PeerAuthenticator>(view, clock, stale_limit);
}

Access::Access(std::vector<std::unique_ptr<Authenticator>> authenticators) : authenticators_(std::move(authenticators)) {}

async::Task<Recognised> Access::recognise(const Credentials& credentials) const {
  for (const auto& authenticator : authenticators_) {
    auto recognised = co_await authenticator->recognise(credentials);
    if (recognised) co_return *std::move(recognised);
  }
  if (credentials.cross_site) {
    co_return Recognised{
        fail(ErrorCode::denied, "cross-site-refused",
             "what a browser sends by itself (a session, a password, a certificate) changes something only from this site's "
             "own pages: the request lacks Sec-Fetch-Site: same-origin; scripts send \"Authorization: Bearer <token>\"")};
  }
  co_return Recognised{
      fail(ErrorCode::unauthenticated, "unauthenticated",
           "nobody we know: send \"Authorization: Bearer <token>\"; an administrator makes a token with `quicklime token create`, and "
           "people sign in with `quicklime login`")};
}

async::Task<Result<Identity>> Access::identify(const Credentials& credentials) const {
  auto recognised = co_await recognise(credentials);
  co_return std::move(recognised.identity);
}

std::unique_ptr<Access> access_of_processes(views::View& view, const Clock& clock, Milliseconds stale_limit) {
  std::vector<std::unique_ptr<Authenticator>> authenticators;
  authenticators.push_back(token_authenticator(view, clock, stale_limit, StaleTokens::refused, TokensOf::processes));
  authenticators.push_back(peer_authenticator(view, clock, stale_limit));
  return std::make_unique<Access>(std::move(authenticators));
}

Identity holder(events::Actor actor) {
  std::string name = "the holder of " + actor.id;
  return {std::move(actor), std::move(name), Role::requester, {}, ca::NamePolicy::everything()};
}

bool speaks_for_others(const Identity& identity) {
  const auto kind = identity.actor.kind;
  return (kind == events::Actor::Kind::control || kind == events::Actor::Kind::token || kind == events::Actor::Kind::user) &&
         (identity.role == Role::administrator || identity.role == Role::requester);
}

Result<void> require(const Identity& identity, const std::vector<Role>& any_of) {
  if (std::find(any_of.begin(), any_of.end(), identity.role) != any_of.end()) return {};
  std::string needed;
  for (const Role role : any_of) needed += (needed.empty() ? "" : " or ") + std::string(name(role));
  return fail(ErrorCode::denied, "role-denied",
              "this needs the role " + needed + "; " + identity.name + " has the role " + std::string(name(identity.role)));
}

async::Task<Recognised> holder_of_token(views::View& view, const Clock& clock, Milliseconds stale_limit, TokenId token) {
  std::vector<views::PointKey> key(1, token_key(token));
  const auto points = co_await view.get(std::move(key));
  if (!points) co_return Recognised{forward(points)};
  const auto fresh = views::require_fresh(points->meta, stale_limit);
  if (!fresh) co_return Recognised{forward(fresh)};
  const auto& value = points->values.front();
  if (!value) co_return Recognised{token_unknown()};
  const auto record = decode_token(*value);
  if (!record) co_return Recognised{forward(record)};
  Recognised holder{standing(*record, clock.now(), TokensOf::everybody_else), events::Actor{events::Actor::Kind::token, token.text()}};
  if (holder.identity) holder.identity->persist_by = *fresh;
  co_return holder;
}

}  // namespace quicklime::access
