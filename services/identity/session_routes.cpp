#include <algorithm>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/logging.hpp"
#include "identity/routes.hpp"
#include "identity/service_json.hpp"
#include "identity/writing.hpp"

namespace quicklime::identity {
namespace {

using access::Role;
constexpr std::size_t kMostSessions = 1'000;
constexpr Milliseconds kExtendedAtMostEvery = std::chrono::minutes(1);

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

class SessionRoutes {
 public:
  SessionRoutes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) : context_(context), sign_in_(std::move(sign_in)) {}

  async::Task<Answer> list(Call& call) {
    if (auto known = api::only_parameters(call.request, {"user"}); !known) co_return forward(known);
    const access::Identity& who = call.who();
    const bool sees_all = who.role == Role::administrator || who.role == Role::auditor;
    const auto asked = call.request.query.find("user");
    const std::string own = who.actor.kind == events::Actor::Kind::user ? who.actor.id : "";
    std::string group = sees_all ? std::string(kEverybodysSessions) : own;
    if (asked != call.request.query.end()) {
      const auto named = read_user_id(asked->second);
      if (!named) co_return forward(named);
      group = named->text();
      if (!sees_all && group != own)
        co_return fail(ErrorCode::denied, "role-denied", "only administrators and auditors see the sessions of others");
    }
    const auto listed = co_await newest(context_.view, kSessionList, group, kMostSessions);
    if (!listed) co_return forward(listed);
    std::vector<SessionId> ids(listed->subjects.begin(), listed->subjects.end());
    auto sessions = co_await read_sessions(context_.view, std::move(ids));
    if (!sessions) co_return forward(sessions);
    std::vector<ShownSession> shown;
    for (auto& session : *sessions) {
      const bool is_own = session.record.id.text() == who.actor.session;
      shown.push_back({std::move(session), is_own});
    }
    auto response = http::Response::json(200, sessions_json(shown, listed->meta, context_.clock.now()));
    api::set_position(response, listed->meta.anchor.position);
    co_return response;
  }

  async::Task<Answer> end(Call& call) {
    const access::Identity& who = call.who();
    std::string id = call.request.parameters.at("id");
    if (id == "current") id = who.actor.session;
    auto session = co_await read_session(context_.view, SessionId(id));
    if (!session) co_return forward(session);
    const bool own = *session && (*session)->record.user.text() == who.actor.id && who.actor.kind == events::Actor::Kind::user;
    if (!*session || (!own && who.role != Role::administrator))
      co_return fail(ErrorCode::not_found, "session-not-found",
                     "there is no session " + (id.empty() ? "that asks this" : id) + " of yours");
    Position position{};
    if ((*session)->live) {
      eventlog::Draft draft{.actor = who.actor,
                            .cause = call.cause(),
                            .subject = (*session)->record.user.text(),
                            .data = events::SessionEnded{SessionId(id), own ? "signed-out" : "ended-by-another"},
                            .persist_by = who.persist_by};
      const auto appended = co_await context_.writer.append(std::move(draft));
      if (!appended) co_return forward(appended);
      position = appended->position;
      (void)co_await context_.view.reached(position, std::chrono::seconds(2));
      (*session)->live = false;
      (*session)->record.ended = context_.clock.now();
    }
    auto response = http::Response::json(200, session_json({**session, id == who.actor.session}, context_.clock.now()));
    if (own && id == who.actor.session)
      response.headers.set("Set-Cookie", set_cookie(api::kSessionCookie, "", SameSite::strict, Seconds(0)));
    if (position != Position{}) api::set_position(response, position);
    co_return response;
  }

  // Of a session in a browser: as long as something is done it goes on, up to its end.
  async::Task<Answer> extend(Call& call) {
    const access::Identity& who = call.who();
    auto session = co_await read_session(context_.view, SessionId(who.actor.session));
    if (!session) co_return forward(session);
    if (!*session) co_return fail(ErrorCode::not_found, "session-not-found", "only a session is extended; a token has its end");
    access::SessionRecord& record = (*session)->record;
    const Instant until = std::min(context_.clock.now() + sign_in_->settings().idle, record.ends);
    if (until - record.not_after >= kExtendedAtMostEvery) {
      Accepted accepted{{access::session_key(record.id)}, [until](const auto& values, const eventlog::Appended&) {
                          const auto now = values.front() ? access::decode_session(*values.front()) : fail(ErrorCode::not_found, "", "");
                          return now && now->not_after >= until;
                        }};
      Error lost{ErrorCode::unauthenticated, "session-ended", "the session has ended meanwhile; sign in again", ""};
      events::Data data = events::SessionExtended{record.id, until};
      const auto written = co_await write_judged(context_, call, record.user.text(), std::move(data), std::move(accepted), std::move(lost));
      if (!written) co_return forward(written);
      record.not_after = until;
    }
    co_return http::Response::json(200, session_json({**session, true}, context_.clock.now()));
  }

  async::Task<Answer> approve(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"session", "secret_sha256"});
    if (!body) co_return forward(body);
    const auto id = body->text("session"), hash = body->text("secret_sha256");
    if (!id) co_return forward(id);
    if (!hash) co_return forward(hash);
    if (!*id || !is_hex(**id, 16) || !*hash || !is_hex(**hash, 64)) {
      co_return fail(ErrorCode::invalid, "approval-malformed",
                     "an approval names \"session\" (16 hex digits) and \"secret_sha256\" (64), as the URL of `quicklime login` has them",
                     "/session");
    }
    if (call.who().actor.kind != events::Actor::Kind::user)
      co_return fail(ErrorCode::denied, "session-needed", "only somebody who is signed in lets a command line be him");
    SignIn::Request request{.cause = call.cause()};
    auto made = co_await sign_in_->approve(call.who(), SessionId(**id), **hash, std::move(request));
    if (!made) co_return forward(made);
    auto response = http::Response::json(201, session_json({{made->session, true}, false}, context_.clock.now()));
    api::set_position(response, made->position);
    co_return response;
  }

 private:
  api::ServiceContext context_;
  std::shared_ptr<SignIn> sign_in_;
};

}  // namespace

std::vector<api::Route> session_routes(const api::ServiceContext& context, std::shared_ptr<SignIn> sign_in) {
  auto routes = std::make_shared<SessionRoutes>(context, std::move(sign_in));
  return {
      {http::Method::get, "/v1/sessions", people(), [routes](Call& call) { return routes->list(call); }},
      {http::Method::post, "/v1/sessions", people(), [routes](Call& call) { return routes->approve(call); }, api::Repeated::happens_again},
      {http::Method::post, "/v1/sessions/current/extend", people(), [routes](Call& call) { return routes->extend(call); }},
      {http::Method::delete_, "/v1/sessions/{id}", people(), [routes](Call& call) { return routes->end(call); }}};
}

}  // namespace quicklime::identity
