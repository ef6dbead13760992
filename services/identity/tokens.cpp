#include <algorithm>

#include "access/principal.hpp"
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "ca/profile.hpp"
#include "ca/verdict.hpp"
#include "identity/auth_key.hpp"
#include "identity/grant_body.hpp"
#include "identity/routes.hpp"
#include "identity/service_json.hpp"
#include "identity/token_list.hpp"
#include "runtime/profiles.hpp"
#include "views/absence.hpp"

namespace quicklime::identity {
namespace {

using access::Role;
constexpr Milliseconds kDefaultLifetime = std::chrono::hours(24 * 90);
constexpr Milliseconds kVisibleWithin{2'000};
constexpr Milliseconds kLongestSingleUse = std::chrono::hours(24 * 7);

Result<Milliseconds> read_lifetime(const api::JsonBody& body, Role role) {
  const Milliseconds longest = access::row(role).longest;
  const auto given = body.text("lifetime");
  if (!given) return forward(given);
  if (!*given) return role == Role::process ? longest : kDefaultLifetime;
  auto lifetime = parse_duration(**given);
  if (!lifetime) {
    lifetime.error().field = "/lifetime";
    return forward(lifetime);
  }
  if (*lifetime <= Milliseconds(0) || *lifetime > longest) {
    return fail(
        ErrorCode::invalid, "lifetime-too-long",
        "a token of the role " + std::string(access::name(role)) + " lives for more than nothing and at most " + duration_text(longest),
        "/lifetime");
  }
  return *lifetime;
}

Result<events::TokenCreated> read_token(const http::Request& request, const std::vector<ca::Profile>& configured,
                                        const access::NewToken& made, Instant now) {
  const auto body = api::JsonBody::parse(request, {"name", "role", "profiles", "names", "lifetime", "single_use", "owner"});
  if (!body) return forward(body);
  const auto given = body->text("name");
  if (!given) return forward(given);
  auto name = read_shown_name(*given, "token-name-malformed", "a token needs a name");
  if (!name) return forward(name);
  const auto role_text = body->text("role");
  if (!role_text) return forward(role_text);
  auto role = access::parse_role(role_text->value_or("requester"));
  if (!role) {
    role.error().field = "/role";
    return forward(role);
  }
  auto profiles = read_profiles(*body, *role, configured);
  if (!profiles) return forward(profiles);
  auto names = read_names(*body, *role);
  if (!names) return forward(names);
  const auto lifetime = read_lifetime(*body, *role);
  if (!lifetime) return forward(lifetime);
  const auto single_use = body->flag("single_use");
  if (!single_use) return forward(single_use);
  const auto owner = body->text("owner");
  if (!owner) return forward(owner);
  if (*single_use && (*role == Role::process || *lifetime > kLongestSingleUse)) {
    return fail(ErrorCode::invalid, "lifetime-too-long",
                "what signs somebody in once lives for at most " + duration_text(kLongestSingleUse) + ", and no process signs in",
                "/single_use");
  }
  std::optional<UserId> signs_in;
  if (*owner) {
    auto named = read_user_id(**owner);
    if (!named) return forward(named);
    signs_in = *std::move(named);
  }
  if (signs_in && !*single_use) {
    return fail(ErrorCode::invalid, "token-owner-alone", "owner says whom a token signs in: it needs \"single_use\": true", "/owner");
  }
  return events::TokenCreated{.token = made.id,
                              .name = *std::move(name),
                              .secret_sha256 = made.secret_sha256,
                              .role = std::string(access::name(*role)),
                              .profiles = *std::move(profiles),
                              .names = *std::move(names),
                              .not_after = now + *lifetime,
                              .owner = std::move(signs_in),
                              .single_use = *single_use ? std::optional(true) : std::nullopt};
}

access::TokenRecord record_of(const events::TokenCreated& token, Instant created) {
  return {.id = token.token,
          .name = token.name,
          .secret_sha256 = token.secret_sha256,
          .role = token.role,
          .profiles = token.profiles,
          .names = token.names,
          .created = created,
          .not_after = token.not_after,
          .single_use = token.single_use.value_or(false),
          .owner = token.owner};
}

class Tokens {
 public:
  Tokens(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in)
      : context_(context),
        sign_in_(std::move(sign_in)),
        profiles_(runtime::configured_profiles(context.configuration.of<runtime::SharedSettings>())) {}

  async::Task<Answer> create(Call& call) {
    const http::Request& request = call.request;
    const access::Identity& who = call.who();
    const Instant now = context_.clock.now();
    const auto made = access::make_token();
    auto token = read_token(request, profiles_, made, now);
    if (!token) co_return forward(token);
    if (token->owner) {
      const auto owner = co_await read_user(context_.view, *token->owner);
      if (!owner) co_return forward(owner);
      token->owner_version = owner->standing.version;
    }
    const auto giver = access::giver(who.actor);
    if (giver) {  // who may have been revoked since the view was fresh
      std::vector<views::PointKey> none;
      const auto view = co_await context_.view.get(std::move(none));
      if (!view) co_return forward(view);
      if (auto fresh = views::require_fresh(view->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
        co_return forward(fresh);
    }
    eventlog::Draft draft{
        .actor = who.actor, .cause = call.cause(), .subject = made.id.text(), .data = *token, .persist_by = who.persist_by};
    const auto appended = co_await context_.writer.append(std::move(draft));
    if (!appended) co_return forward(appended);
    // A token is used at once; embedded, this view is the last to take a batch, so every role knows it then.
    const auto seen = co_await context_.view.reached(appended->position, kVisibleWithin);
    if (!seen) log::warning("a new token is not visible yet", {{"token", made.id.text()}, {"detail", seen.error().detail}});
    if (giver) {  // whether it stands is judged by whether its author did: a dead token is not handed out
      if (!seen) co_return fail(ErrorCode::outcome_unknown, "view-behind", "the token is made, and not judged yet: ask for another one");
      if (auto stands = co_await require_stands(made.id, *giver); !stands) co_return forward(stands);
    }
    const NewTokenSecrets secrets{made.text, auth_key_for(*token), url_of(*token, made.text)};
    auto response = http::Response::json(201, new_token_json(record_of(*token, now), secrets, appended->position, now));
    response.headers.set("Location", "/v1/tokens/" + made.id.text());
    response.headers.set("Cache-Control", "no-store");
    api::set_position(response, appended->position);
    co_return response;
  }

  // Of a request by CFSSL's clients, which quicklime-issuance got: whether this token's auth key has signed it. What the token is worth
  // says its own view.
  async::Task<Answer> proof(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"request", "token"});
    if (!body) co_return forward(body);
    const auto text = body->text("request"), mac = body->text("token");
    if (!text) co_return forward(text);
    if (!mac) co_return forward(mac);
    const auto text_bytes = base64_decode(text->value_or("")), mac_bytes = base64_decode(mac->value_or(""));
    const TokenId id(call.request.parameters.at("id"));
    if (!text_bytes || !mac_bytes || !is_by_auth_key(sign_in_->access_key(), {.token = id, .text = *text_bytes, .mac = *mac_bytes})) {
      co_return fail(ErrorCode::unauthenticated, "auth-key-wrong", "the request is not signed with the auth key of this token");
    }
    co_return http::Response::json(200, "{}");
  }

  async::Task<Answer> list(Call& call) {
    const http::Request& request = call.request;
    if (auto none = api::only_parameters(request, {}); !none) co_return forward(none);
    const auto list = co_await newest_tokens(context_.view);
    if (!list) co_return forward(list);
    auto response = http::Response::json(200, tokens_json(list->tokens, list->meta, context_.clock.now()));
    api::set_position(response, list->meta.anchor.position);
    co_return response;
  }

  async::Task<Answer> revoke(Call& call) {
    const http::Request& request = call.request;
    const access::Identity& who = call.who();
    const TokenId id(request.parameters.at("id"));
    // One that was made this very moment is none that does not exist.
    const auto points = co_await views::get_or_absent(context_.view, access::token_key(id), kVisibleWithin);
    if (!points) co_return forward(points);
    if (auto fresh = views::require_fresh(points->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
      co_return forward(fresh);
    if (!points->values.front()) co_return fail(ErrorCode::not_found, "token-not-found", "there is no token " + id.text());
    auto token = access::decode_token(*points->values.front());
    if (!token) co_return forward(token);
    Position position = points->meta.anchor.position;
    const Instant now = context_.clock.now();
    if (!token->revoked) {  // revoking twice is no error, and no second event
      eventlog::Draft draft{
          .actor = who.actor, .cause = call.cause(), .subject = id.text(), .data = events::TokenRevoked{id}, .persist_by = who.persist_by};
      const auto appended = co_await context_.writer.append(std::move(draft));
      if (!appended) co_return forward(appended);
      position = appended->position;
      token->revoked = now;
    }
    auto response = http::Response::json(200, token_json(*token, now));
    api::set_position(response, position);
    co_return response;
  }

 private:
  // Whoever may ask for certificates.
  std::optional<Secret> auth_key_for(const events::TokenCreated& token) const {
    const bool asks = token.role == access::name(Role::requester) || token.role == access::name(Role::administrator);
    if (!asks || token.single_use) return std::nullopt;
    return auth_key_of(sign_in_->access_key(), token.token);
  }

  // Where it is opened: as this process knows where it is found, options of its command line included.
  std::optional<Secret> url_of(const events::TokenCreated& token, const Secret& text) const {
    if (!token.single_use) return std::nullopt;
    return one_time_url(context_.configuration.of<runtime::ProcessSettings>(), text);
  }

  async::Task<Result<void>> require_stands(TokenId id, ca::Principal giver) {
    std::vector<views::PointKey> keys(1, access::token_key(id));
    const auto points = co_await context_.view.get(std::move(keys));
    if (!points) co_return forward(points);
    if (access::token_is_live(points->values.front())) co_return Result<void>();
    co_return fail(ca::refusal(giver.refusal));
  }

  api::ServiceContext context_;
  std::shared_ptr<SignIn> sign_in_;
  std::vector<ca::Profile> profiles_;
};

}  // namespace

std::vector<api::Route> token_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) {
  auto tokens = std::make_shared<Tokens>(context, std::move(sign_in));
  const auto administrator = api::Access::identified({Role::administrator});
  // A text that nobody knows twice cannot be given again: the next request makes another token.
  return {{http::Method::post, "/v1/tokens", administrator, [tokens](Call& call) { return tokens->create(call); },
           api::Repeated::happens_again},
          {http::Method::get, "/v1/tokens", api::Access::identified({Role::administrator, Role::auditor}),
           [tokens](Call& call) { return tokens->list(call); }},
          {http::Method::delete_, "/v1/tokens/{id}", administrator, [tokens](Call& call) { return tokens->revoke(call); }},
          {http::Method::post, "/v1/tokens/{id}/proof", api::Access::proof(), [tokens](Call& call) { return tokens->proof(call); }}};
}

}  // namespace quicklime::identity
