#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "crypto/sealing.hpp"
#include "identity/routes.hpp"
#include "identity/service_json.hpp"
#include "runtime/server_url.hpp"

namespace quicklime::identity {
namespace {

constexpr std::string_view kDeviceCookie = "__Host-quicklime-device";
constexpr std::string_view kFlowCookie = "__Host-quicklime-flow";
constexpr std::string_view kFlow = "browser sign-in";
constexpr Seconds kFlowLasts{600};  // Provider::begin
constexpr Seconds kDeviceKnown{31'536'000};

class SignInRoutes {
 public:
  SignInRoutes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) : context_(context), sign_in_(std::move(sign_in)) {}

  async::Task<Answer> ways(Call& call) {
    if (auto none = api::only_parameters(call.request, {}); !none) co_return forward(none);
    auto response =
        http::Response::json(200, ways_json(sign_in_->banner(), sign_in_->directories().names(), sign_in_->browser_providers()));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
  }

  async::Task<Answer> sign_in(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"user", "password", "assertion", "one_time", "client_certificate", "cookie"});
    if (!body) co_return forward(body);
    auto user = body->text("user"), password = body->text("password"), one_time = body->text("one_time"),
         assertion = body->text("assertion");
    for (const auto* member : {&user, &password, &one_time, &assertion}) {
      if (!*member) co_return forward(*member);
    }
    const auto cookie = body->flag("cookie"), by_certificate = body->flag("client_certificate");
    if (!cookie) co_return forward(cookie);
    if (!by_certificate) co_return forward(by_certificate);
    if (*cookie && call.request.peer.transport != async::Peer::Transport::tls) {
      co_return fail(ErrorCode::invalid, "cookie-needs-tls", "a browser keeps a session only where it came over TLS", "/cookie");
    }
    SignIn::Request request = request_of(call);
    request.in_browser = *cookie;
    if (*one_time) {
      Secret token(std::move(**one_time));
      co_return answer(co_await sign_in_->by_one_time(std::move(token), std::move(request)), *cookie);
    }
    if (*assertion) co_return answer(co_await sign_in_->by_assertion(**std::move(assertion), std::move(request)), *cookie);
    if (*by_certificate) co_return co_await by_client_certificate(call, std::move(request), *cookie);
    if (!*user || !*password) {
      co_return fail(
          ErrorCode::invalid, "sign-in-incomplete",
          "signing in takes \"user\" and \"password\", \"one_time\", the token of a one-time URL, \"assertion\", the JWT of a provider, or "
          "\"client_certificate\": true",
          "/user");
    }
    Secret shown(std::move(**password));
    co_return answer(co_await sign_in_->by_password(**std::move(user), std::move(shown), std::move(request)), *cookie);
  }

  // To the provider, with what must be there when the browser comes back sealed in a cookie: any replica finishes it.
  async::Task<Answer> begin(Call& call) {
    Provider* provider = sign_in_->provider(call.request.parameters.at("provider"));
    if (provider == nullptr || !provider->by_browser()) co_return no_provider(call);
    auto begun = co_await provider->begin(callback_of(provider->name()));
    if (!begun) co_return forward(begun);
    const std::string sealed = hex_encode(crypto::seal(sign_in_->access_key(), kFlow, provider->name(), begun->kept.reveal()));
    auto response = http::Response::of(302, "text/plain; charset=utf-8", "");
    response.headers.set("Location", begun->url);
    response.headers.set("Cache-Control", "no-store");
    // Lax: the provider's redirect back is another site's navigation, and must bring it.
    response.headers.add("Set-Cookie", set_cookie(kFlowCookie, sealed, SameSite::lax, kFlowLasts));
    co_return response;
  }

  async::Task<Answer> finish(Call& call) {
    Provider* provider = sign_in_->provider(call.request.parameters.at("provider"));
    if (provider == nullptr || !provider->by_browser()) co_return no_provider(call);
    const auto sealed = hex_decode(api::cookie_of(call.request, kFlowCookie).value_or(""));
    auto kept = crypto::unseal(sign_in_->access_key(), kFlow, provider->name(), sealed.value_or(""));
    if (!kept) {
      co_return fail(ErrorCode::unauthenticated, "browser-sign-in-failed",
                     "this browser did not begin to sign in here, or it was more than ten minutes ago: begin again");
    }
    auto person = co_await provider->finish(*std::move(kept), call.request.query);
    if (!person) co_return forward(person);
    SignIn::Request request = request_of(call);
    request.in_browser = true;
    const auto signed_in = co_await sign_in_->admit_person(*std::move(person), "browser", std::move(request));
    if (!signed_in) co_return forward(signed_in);
    auto response = http::Response::of(302, "text/plain; charset=utf-8", "");
    response.headers.set("Location", "/ui/");
    response.headers.set("Cache-Control", "no-store");
    response.headers.add("Set-Cookie", set_cookie(api::kSessionCookie, signed_in->text.reveal()));
    response.headers.add("Set-Cookie", set_cookie(kFlowCookie, "", SameSite::lax, Seconds(0)));
    api::set_position(response, signed_in->position);
    co_return response;
  }

  async::Task<Answer> me(Call& call) {
    const access::Identity& who = call.who();
    std::optional<ShownSession> shown;
    if (!who.actor.session.empty()) {
      auto session = co_await read_session(context_.view, SessionId(who.actor.session));
      if (!session) co_return forward(session);
      if (*session) shown = ShownSession{**std::move(session), true};
    }
    auto response = http::Response::json(200, me_json(who, shown, context_.clock.now()));
    response.headers.set("Cache-Control", "no-store");
    co_return response;
  }

 private:
  static Answer no_provider(const Call& call) {
    return fail(ErrorCode::not_found, "provider-unknown",
                "there is no [oidc." + call.request.parameters.at("provider") + "] in quicklime.toml that a browser signs in by");
  }
  std::string callback_of(const std::string& provider) const {
    return runtime::server_url(context_.configuration.of<runtime::ProcessSettings>()) + "/v1/sign-in/" + provider + "/callback";
  }

  async::Task<Answer> by_client_certificate(Call& call, SignIn::Request request, bool in_cookie) {
    access::Credentials shown = call.credentials();
    if (!sign_in_->settings().client_certificates || !shown.client_certificate) {
      co_return fail(ErrorCode::unauthenticated, "client-certificate-refused",
                     "no client certificate was shown in the TLS handshake, or access.client_certificates is false");
    }
    auto signed_in = co_await sign_in_->by_certificate(*std::move(shown.client_certificate), std::move(shown.voucher), std::move(request));
    co_return answer(std::move(signed_in), in_cookie);
  }

  Answer answer(Result<SignedIn> signed_in, bool in_cookie) const {
    if (!signed_in) return forward(signed_in);
    auto response = http::Response::json(201, signed_in_json(*signed_in, !in_cookie, context_.clock.now()));
    response.headers.set("Cache-Control", "no-store");
    if (in_cookie) response.headers.add("Set-Cookie", set_cookie(api::kSessionCookie, signed_in->text.reveal()));
    if (!signed_in->device_cookie.empty())
      response.headers.add("Set-Cookie", set_cookie(kDeviceCookie, signed_in->device_cookie, SameSite::strict, kDeviceKnown));
    api::set_position(response, signed_in->position);
    return response;
  }

  api::ServiceContext context_;
  std::shared_ptr<SignIn> sign_in_;
};

}  // namespace

api::Access people() {
  using access::Role;
  return api::Access::identified({Role::administrator, Role::agent, Role::requester, Role::auditor});
}

std::string set_cookie(std::string_view name, std::string_view value, SameSite same_site, std::optional<Seconds> lasts) {
  std::string cookie = std::string(name) + "=" + std::string(value) + "; Path=/; Secure; HttpOnly; SameSite=";
  cookie += same_site == SameSite::strict ? "Strict" : "Lax";
  if (lasts) cookie += "; Max-Age=" + std::to_string(lasts->count());
  return cookie;
}

Secret one_time_url(const runtime::ProcessSettings& settings, const Secret& token) {
  return Secret(runtime::server_url(settings) + "/ui/#one-time=" + std::string(token.reveal()));
}

SignIn::Request request_of(const Call& call) {
  return {.cause = call.cause(), .address = call.address, .device_cookie = api::cookie_of(call.request, kDeviceCookie).value_or("")};
}

std::vector<api::Route> sign_in_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) {
  auto routes = std::make_shared<SignInRoutes>(context, std::move(sign_in));
  return {
      {http::Method::get, "/v1/sign-in", api::Access::anyone(), [routes](Call& call) { return routes->ways(call); }},
      {http::Method::post, "/v1/sign-in", api::Access::anyone(), [routes](Call& call) { return routes->sign_in(call); },
       api::Repeated::happens_again},
      {http::Method::get, "/v1/sign-in/{provider}", api::Access::anyone(), [routes](Call& call) { return routes->begin(call); }},
      {http::Method::get, "/v1/sign-in/{provider}/callback", api::Access::anyone(), [routes](Call& call) { return routes->finish(call); }},
      {http::Method::get, "/v1/me", people(), [routes](Call& call) { return routes->me(call); }}};
}

}  // namespace quicklime::identity
