#include <algorithm>

#include "access/token.hpp"
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "identity/grant_body.hpp"
#include "identity/routes.hpp"
#include "identity/service_json.hpp"
#include "identity/writing.hpp"
#include "runtime/profiles.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::identity {
namespace {

using access::Role;
constexpr std::size_t kMostUsers = 5'000;
constexpr Milliseconds kOneTimeLife = std::chrono::hours(24);

Failure user_not_found(const UserId& user) { return fail(ErrorCode::not_found, "user-not-found", "there is no user " + user.text()); }

Result<UserId> read_new_user(const std::optional<std::string>& text) {
  const UserId user = typed_user(text.value_or(""));
  const std::string_view name = std::string_view(user.text()).substr(access::provider_of(user.text()).size() + 1);
  const bool fits = !name.empty() && name.size() <= 64 &&
                    name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789._-") == std::string_view::npos && name.front() != '.';
  if (access::provider_of(user.text()) != access::kLocalProvider || !fits) {
    return fail(
        ErrorCode::invalid, "user-name-malformed",
        "a user of this CA is called by 1 to 64 of a-z, 0-9, '.', '_' and '-'; people of a directory or a provider are not made here, "
        "they get what rules give them (PUT /v1/rules/{id})",
        "/user");
  }
  return user;
}

struct Grant {
  Role role;
  std::vector<std::string> profiles, names;
};

class UserRoutes {
 public:
  UserRoutes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in)
      : context_(context),
        sign_in_(std::move(sign_in)),
        profiles_(runtime::configured_profiles(context.configuration.of<runtime::SharedSettings>())) {}

  async::Task<Answer> create(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"user", "name", "role", "profiles", "names"});
    if (!body) co_return forward(body);
    const auto given = body->text("user"), name = body->text("name");
    if (!given) co_return forward(given);
    if (!name) co_return forward(name);
    const auto user = read_new_user(*given);
    if (!user) co_return forward(user);
    auto shown = read_shown_name(*name ? *name : *given, "user-name-malformed", "a user has a name");
    if (!shown) co_return forward(shown);
    auto grant = read_grant(*body);
    if (!grant) co_return forward(grant);
    const auto known = co_await read_user(context_.view, *user);
    if (!known) co_return forward(known);
    if (known->standing.version != 0 || known->account) co_return fail(exists(*user));
    events::Data created = events::UserCreated{*user, *std::move(shown), std::string(access::name(grant->role)), std::move(grant->profiles),
                                               std::move(grant->names)};
    Accepted accepted{{account_key(*user)}, [](const auto& values, const eventlog::Appended& appended) {
                        const auto account = values.front() ? decode_account(*values.front()) : fail(ErrorCode::not_found, "", "");
                        return account && account->made_by == appended.id;
                      }};
    Error lost = exists(*user);
    const auto written = co_await write_judged(context_, call, user->text(), std::move(created), std::move(accepted), std::move(lost));
    if (!written) co_return forward(written);
    const auto made = co_await read_user(context_.view, *user);
    if (!made) co_return forward(made);
    const auto one_time = co_await make_one_time(call, *made);
    if (!one_time) co_return forward(one_time);
    auto response = http::Response::json(201, user_json(*made, *one_time));
    response.headers.set("Location", "/v1/users/" + user->text());
    response.headers.set("Cache-Control", "no-store");
    api::set_position(response, written->position);
    co_return response;
  }

  async::Task<Answer> list(Call& call) {
    if (auto none = api::only_parameters(call.request, {}); !none) co_return forward(none);
    views::Scan scan{kUserList, {}, {}, views::Direction::ascending, kMostUsers};
    const auto listed = co_await context_.view.scan(std::move(scan));
    if (!listed) co_return forward(listed);
    std::vector<UserId> ids(listed->keys.begin(), listed->keys.end());
    const auto users = co_await read_users(context_.view, std::move(ids));
    if (!users) co_return forward(users);
    auto response = http::Response::json(200, users_json(*users, listed->meta));
    api::set_position(response, listed->meta.anchor.position);
    co_return response;
  }

  async::Task<Answer> show(Call& call) {
    const auto known = co_await named(call);
    if (!known) co_return forward(known);
    const UserId& user = known->user;
    if (known->standing.version == 0) co_return user_not_found(user);
    co_return answer(*known, known->meta.anchor.position);
  }

  async::Task<Answer> grant(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"name", "role", "profiles", "names"});
    if (!body) co_return forward(body);
    const auto known = co_await local(call);
    if (!known) co_return forward(known);
    const UserId& user = known->user;
    const Account& account = *known->account;
    const auto name = body->text("name"), role = body->text("role");
    if (!name) co_return forward(name);
    if (!role) co_return forward(role);
    const auto profiles_given = body->texts("profiles"), names_given = body->texts("names");
    if (!profiles_given) co_return forward(profiles_given);
    if (!names_given) co_return forward(names_given);
    events::UserChanged changed{user, account.name, account.role, account.profiles, account.names};
    if (*name) {
      auto shown = read_shown_name(*name, "user-name-malformed", "a user has a name");
      if (!shown) co_return forward(shown);
      changed.name = *std::move(shown);
    }
    if (*role && **role != account.role && call.who().actor.id == user.text())
      co_return fail(ErrorCode::denied, "own-role", "nobody changes his own role; another administrator does", "/role");
    const auto kept = access::parse_role(account.role);
    if (!*role && !kept) co_return forward(kept);
    const auto becomes = *role ? read_role_of_people(*body) : kept;
    if (!becomes) co_return forward(becomes);
    changed.role = std::string(access::name(*becomes));
    if (*role || *profiles_given) {
      auto profiles = read_profiles(*body, *becomes, profiles_);
      if (!profiles) co_return forward(profiles);
      changed.profiles = *std::move(profiles);
    }
    if (*role || *names_given) {
      auto names = read_names(*body, *becomes);
      if (!names) co_return forward(names);
      changed.names = *std::move(names);
    }
    events::Data data = std::move(changed);
    co_return co_await change(call, user, std::move(data));
  }

  async::Task<Answer> disable(Call& call) {
    const auto known = co_await named(call);
    if (!known) co_return forward(known);
    const UserId& user = known->user;
    if (call.who().actor.id == user.text())
      co_return fail(ErrorCode::conflict, "own-account", "nobody disables himself; another administrator does");
    // Whoever has never signed in, of a directory or a provider, may be kept out all the same.
    if (access::provider_of(user.text()) == access::kLocalProvider && !known->account) co_return user_not_found(user);
    events::Data disabled = events::UserDisabled{user};
    co_return co_await change(call, user, std::move(disabled));
  }

  async::Task<Answer> enable(Call& call) {
    const auto known = co_await named(call);
    if (!known) co_return forward(known);
    const UserId& user = known->user;
    if (known->standing.version == 0) co_return user_not_found(user);
    events::Data enabled = events::UserEnabled{user};
    co_return co_await change(call, user, std::move(enabled));
  }

  async::Task<Answer> one_time(Call& call) {
    const auto known = co_await local(call);
    if (!known) co_return forward(known);
    const auto made = co_await make_one_time(call, *known);
    if (!made) co_return forward(made);
    auto response = http::Response::json(201, one_time_json(*made));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
  }

  // One's own alone: by the old one, or in a session that a one-time URL began. An administrator gives such a URL to others.
  async::Task<Answer> password(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"password", "old_password"});
    if (!body) co_return forward(body);
    auto given = body->text("password"), old = body->text("old_password");
    if (!given) co_return forward(given);
    if (!old) co_return forward(old);
    const auto id = read_user_id(call.request.parameters.at("id"));
    if (!id) co_return forward(id);
    const UserId& user = *id;
    if (call.who().actor.kind != events::Actor::Kind::user || call.who().actor.id != user.text()) {
      co_return fail(ErrorCode::denied, "password-of-another",
                     "a password is set by whose it is; an administrator gives others a one-time URL (POST /v1/users/{id}/one-time)");
    }
    const auto known = co_await local(call);
    if (!known) co_return forward(known);
    if (!*given) co_return fail(ErrorCode::invalid, "password-too-short", "there is no \"password\" in the body", "/password");
    const Secret password(std::move(**given));
    if (auto fits = check_password(user.text(), password); !fits) {
      fits.error().field = "/password";
      co_return forward(fits);
    }
    std::string shown = old->value_or("");
    if (auto may = co_await may_set(call, *known->account, std::move(shown)); !may) co_return forward(may);
    auto sealed = co_await sign_in_->passwords().sealed(user.text(), password);
    if (!sealed) co_return forward(sealed);
    // That took a while, perhaps behind others: what is known of him is as old as that.
    std::vector<access::Role> roles = people().roles;
    if (auto still = co_await call.identify(std::move(roles)); !still) co_return forward(still);
    events::Data set = events::UserPasswordSet{user, sign_in_->passwords().key_id(), *std::move(sealed)};
    co_return co_await change(call, user, std::move(set));
  }

 private:
  static Error exists(const UserId& user) {
    return {ErrorCode::conflict, "user-exists", "there is a user " + user.text() + " already, or was: a name is for ever one person",
            "/user"};
  }

  Result<Grant> read_grant(const api::JsonBody& body) const {
    const auto role = read_role_of_people(body);
    if (!role) return forward(role);
    auto profiles = read_profiles(body, *role, profiles_);
    if (!profiles) return forward(profiles);
    auto names = read_names(body, *role);
    if (!names) return forward(names);
    return Grant{*role, *std::move(profiles), *std::move(names)};
  }

  // Whom the path names, whether there is such a person or not.
  async::Task<Result<KnownUser>> named(const Call& call) {
    const auto id = read_user_id(call.request.parameters.at("id"));
    if (!id) co_return forward(id);
    co_return co_await read_user(context_.view, *id);
  }
  // A person of this CA. "user-not-found".
  async::Task<Result<KnownUser>> local(const Call& call) {
    auto known = co_await named(call);
    if (known && !known->account) co_return user_not_found(known->user);
    co_return known;
  }

  Answer answer(const KnownUser& known, Position position) const {
    auto response = http::Response::json(200, user_json(known));
    api::set_position(response, position);
    return response;
  }

  async::Task<Answer> change(Call& call, UserId user, events::Data data) {
    Accepted accepted{{access::user_key(user)}, [](const auto& values, const eventlog::Appended& appended) {
                        const auto standing = access::decode_user_standing(values.front());
                        return standing && standing->version >= appended.position.offset;
                      }};
    Error lost{ErrorCode::conflict, "user-not-found", "the user " + user.text() + " was not there when this was written down", ""};
    const auto written = co_await write_judged(context_, call, user.text(), std::move(data), std::move(accepted), std::move(lost));
    if (!written) co_return forward(written);
    const auto known = co_await read_user(context_.view, user);
    if (!known) co_return forward(known);
    co_return answer(*known, written->position);
  }

  async::Task<Result<void>> may_set(Call& call, const Account& account, std::string old) {
    const auto session = co_await read_session(context_.view, SessionId(call.who().actor.session));
    if (!session) co_return forward(session);
    if (*session && (*session)->record.method == "one-time") co_return Result<void>();
    const Secret shown(std::move(old));
    SignIn::Request request = request_of(call);
    const auto right = co_await sign_in_->is_password_of(account, shown, std::move(request));
    if (!right) co_return forward(right);
    if (*right) co_return Result<void>();
    co_return fail(ErrorCode::denied, "old-password-wrong", "\"old_password\" is not the password so far", "/old_password");
  }

  async::Task<Result<OneTime>> make_one_time(Call& call, const KnownUser& owner) {
    const UserId& user = owner.user;
    auto made = access::make_token();
    const Instant now = context_.clock.now();
    events::TokenCreated created{.token = made.id,
                                 .name = "one-time URL of " + user.text(),
                                 .secret_sha256 = made.secret_sha256,
                                 .role = std::string(access::name(Role::requester)),
                                 .profiles = {},
                                 .names = {},
                                 .not_after = now + kOneTimeLife,
                                 .owner = user,
                                 .single_use = true,
                                 .owner_version = owner.standing.version};
    Accepted accepted{{access::token_key(made.id)},
                      [](const auto& values, const eventlog::Appended&) { return access::token_is_live(values.front()); }};
    events::Data data = std::move(created);
    Error lost{ErrorCode::conflict, "token-revoked", "the one-time URL was taken back at once", ""};
    const auto written = co_await write_judged(context_, call, made.id.text(), std::move(data), std::move(accepted), std::move(lost));
    if (!written) co_return forward(written);
    Secret url = one_time_url(context_.configuration.of<runtime::ProcessSettings>(), made.text);
    co_return OneTime{std::move(made.text), std::move(url), now + kOneTimeLife};
  }

  api::ServiceContext context_;
  std::shared_ptr<SignIn> sign_in_;
  std::vector<ca::Profile> profiles_;
};

}  // namespace

std::vector<api::Route> user_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) {
  auto routes = std::make_shared<UserRoutes>(context, std::move(sign_in));
  const auto administrator = api::Access::identified({Role::administrator});
  const auto readers = api::Access::identified({Role::administrator, Role::auditor});
  using enum http::Method;
  return {{post, "/v1/users", administrator, [routes](Call& call) { return routes->create(call); }, api::Repeated::happens_again},
          {get, "/v1/users", readers, [routes](Call& call) { return routes->list(call); }},
          {get, "/v1/users/{id}", readers, [routes](Call& call) { return routes->show(call); }},
          {post, "/v1/users/{id}/grant", administrator, [routes](Call& call) { return routes->grant(call); }},
          {post, "/v1/users/{id}/disable", administrator, [routes](Call& call) { return routes->disable(call); }},
          {post, "/v1/users/{id}/enable", administrator, [routes](Call& call) { return routes->enable(call); }},
          {post, "/v1/users/{id}/one-time", administrator, [routes](Call& call) { return routes->one_time(call); },
           api::Repeated::happens_again},
          {put, "/v1/users/{id}/password", people(), [routes](Call& call) { return routes->password(call); }}};
}

}  // namespace quicklime::identity
