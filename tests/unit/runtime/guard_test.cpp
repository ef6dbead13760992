// What stands before every handler, asked through a router as a client would.
#include "api/guard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>

#include "access/token.hpp"
#include "api/requests.hpp"
#include "async/loop.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::api {
namespace {

views::Projection tokens() {
  return {.name = "guarded",
          .version = 1,
          .spaces = {access::token_space()},
          .apply = [](const views::Record& record, views::Fold& fold) -> Result<void> {
            access::fold_token(record.event, fold);
            return {};
          }};
}

// A role with a route of each kind; its handlers say who asked.
class GuardTest : public testing::Test {
 protected:
  GuardTest() : role(tokens()) {
    role.serve([this](const ServiceContext&) { return service(); });
  }

  runtime::Service service() {
    using access::Role;
    const auto says_who = [this](Call& call) -> async::Task<Answer> { return answer(*this, call); };
    const auto proves = [this](Call& call) -> async::Task<Answer> { return prove(*this, call); };
    runtime::Service made;
    made.routes = {
        {http::Method::get, "/anyone", Access::anyone(), says_who},
        {http::Method::post, "/anyone", Access::anyone(), says_who},
        {http::Method::get, "/auditors", Access::identified({Role::auditor, Role::administrator}), says_who},
        {http::Method::post, "/administrators/{serial}", Access::identified({Role::administrator}), says_who, Repeated::by_its_key},
        {http::Method::post, "/again", Access::identified({Role::administrator}), says_who, Repeated::happens_again},
        {http::Method::post, "/proof", Access::proof(), proves},
        {http::Method::get, "/fails", Access::identified({Role::requester}), [](Call& call) { return refuse(call); }},
        {http::Method::post, "/fails", Access::identified({Role::requester}), [](Call& call) { return refuse(call); }},
        {http::Method::post, "/writes", Access::identified({Role::requester, Role::administrator, Role::auditor}),
         [this](Call& call) { return write(*this, call); }},
    };
    return made;
  }
  static async::Task<Answer> answer(GuardTest& test, Call& call) {
    ++test.handled;
    const std::string who = call.is_known() ? call.who().name : "nobody";
    co_return http::Response::json(200, "{\"who\":\"" + who + "\",\"at\":\"" + (call.at_least ? call.at_least->text() : "") + "\"}");
  }
  // Proves by the body "good"; "bad" proves, and is refused; anything else is asked who he is.
  static async::Task<Answer> prove(GuardTest& test, Call& call) {
    if (call.request.body == "good") co_return http::Response::json(200, "{}");
    if (call.request.body == "bad") {
      if (auto accepted = call.proved_to_be(access::holder({events::Actor::Kind::certificate, "ab"})); !accepted)
        co_return forward(accepted);
      co_return fail(ErrorCode::denied, "name-denied", "not that one");
    }
    std::vector<access::Role> administrator(1, access::Role::administrator);
    if (auto known = co_await call.identify(std::move(administrator)); !known) co_return forward(known);
    co_return co_await answer(test, call);
  }

  // As the body says, by its number.
  static async::Task<Answer> refuse(Call& call) {
    co_return fail(static_cast<ErrorCode>(std::stoi(call.request.body)), "some-reason", "detail");
  }
  static async::Task<Answer> write(GuardTest& test, Call& call) {
    eventlog::Draft draft{.actor = call.who().actor, .cause = call.cause(), .data = events::LogSealed{}};
    const auto appended = co_await test.role.writer().append(std::move(draft));
    if (!appended) co_return forward(appended);
    co_return http::Response::json(201, "{}");
  }
  std::size_t refusals() { return role.written_of<events::RequestDenied>().size(); }

  test::Role role;
  std::atomic<int> handled{0};
};

TEST_F(GuardTest, BeforeTheViewIsThereNothingIsLookedAtAndEverybodyHearsWhenToComeBack) {
  bool there = false;
  Guard::Parts parts;
  parts.ready = [&there]() -> Result<void> {
    if (there) return {};
    return fail(Error{ErrorCode::unavailable, "view-not-ready", "the view guarded holds 1 of 2 events", "", 7});
  };
  http::Router router;
  router.add(Guard(role.context(), std::move(parts)).before(service().routes));
  const auto ask = [&](http::Method method, const std::string& path) {
    http::Request request;
    request.method = method;
    request.target = request.path = path;
    request.id = RequestId("asked");
    return async::run_to_end(router.dispatch(std::move(request)));
  };
  for (const auto& [method, path] : {std::pair{http::Method::get, "/anyone"}, std::pair{http::Method::post, "/administrators/ab"}}) {
    const auto refused = ask(method, path);
    EXPECT_EQ(refused.status, 503U) << path;
    EXPECT_NE(refused.body.find("#view-not-ready"), std::string::npos) << refused.body;
    EXPECT_EQ(refused.headers.get("Retry-After"), "7");
  }
  EXPECT_EQ(handled, 0);
  there = true;
  EXPECT_EQ(ask(http::Method::get, "/anyone").status, 200U);
  EXPECT_EQ(ask(http::Method::post, "/administrators/ab").status, 401U);
}

TEST_F(GuardTest, NobodyIsAskedWhoHeIsWhereAnyoneMayCall) {
  const auto token = role.given_token(access::Role::auditor);
  EXPECT_EQ(role.get("/anyone").as(token).send().json()["who"], "nobody");
  EXPECT_EQ(role.get("/anyone").as("qlk_nonsense").send().status, 200);
  const auto waiting = role.get("/anyone").as(token).header("Quicklime-Min-Position", "0.0").send().json();
  EXPECT_EQ(waiting["who"], "nobody") << "nor for a position";
  EXPECT_EQ(waiting["at"], "0.0");
}

TEST_F(GuardTest, OnlyTheRolesOfARouteGetToItsHandlerAndARefusalOfSomebodyIsAnEvent) {
  const auto auditor = role.given_token(access::Role::auditor), requester = role.given_token(access::Role::requester);
  EXPECT_EQ(role.get("/auditors").send().reason(), "unauthenticated");
  EXPECT_EQ(role.get("/auditors").as(requester).send().reason(), "role-denied");
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(role.get("/auditors").as(auditor).send().json()["who"], "test");
  EXPECT_EQ(role.post("/administrators/AB:CD").as(auditor).send().reason(), "role-denied");
  EXPECT_EQ(role.post("/administrators/not-hex").as(auditor).send().reason(), "role-denied");
  EXPECT_EQ(handled, 1);
  const auto denied = role.written_of<events::RequestDenied>();
  ASSERT_EQ(denied.size(), 3U) << "nobody is not written down";
  EXPECT_EQ(denied[0].route, "GET /auditors");
  EXPECT_EQ(denied[1].route, "POST /administrators/{serial}");
  EXPECT_EQ(denied[2].route, "POST /administrators/{serial}") << "whatever stood there";
  const auto events = role.written();
  EXPECT_EQ(events[events.size() - 2].subject, "abcd");
  EXPECT_EQ(events.back().subject, "") << "what is no serial is not written down";
}

TEST_F(GuardTest, ADeadTokenIsAccountedForTenTimesAMinuteAndAGuessNever) {
  const auto token = role.given_token(access::Role::auditor);
  role.given(events::TokenRevoked{test::Role::id_of(token)});
  std::string forged = token;
  forged.back() = forged.back() == '0' ? '1' : '0';
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(role.get("/auditors").as(forged).send().reason(), "token-unknown");
    EXPECT_EQ(role.get("/auditors").send().reason(), "unauthenticated");
  }
  EXPECT_EQ(refusals(), 0U);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(role.get("/auditors").as(token).send().reason(), "token-revoked");
  EXPECT_EQ(role.post("/proof").body("", "neither").as(token).send().reason(), "token-revoked");
  EXPECT_EQ(refusals(), 10U);
  EXPECT_EQ(role.written().back().actor, (events::Actor{events::Actor::Kind::token, test::Role::id_of(token).text()}));
  EXPECT_EQ(role.written_of<events::RequestDenied>().back().reason, "token-revoked");
}

TEST_F(GuardTest, OfSomebodyWhoWritesEveryRefusalIsRecordedThatSaysSomethingOfHim) {
  const auto token = role.given_token(access::Role::requester);
  const auto recorded = [&](ErrorCode code, bool writes) {
    const std::size_t before = refusals();
    const std::string body = std::to_string(static_cast<int>(code));
    (writes ? role.post("/fails") : role.get("/fails")).as(token).body("", body).send();
    const bool more = refusals() > before;
    role.advance(std::chrono::minutes(1));  // how many of a minute are written down is not what is looked at here
    return more;
  };
  for (const ErrorCode code : {ErrorCode::invalid, ErrorCode::conflict, ErrorCode::too_large, ErrorCode::unsupported,
                               ErrorCode::unprocessable, ErrorCode::verification_failed}) {
    EXPECT_TRUE(recorded(code, true)) << static_cast<int>(code);
    EXPECT_FALSE(recorded(code, false)) << static_cast<int>(code);
  }
  for (const ErrorCode code : {ErrorCode::denied, ErrorCode::unauthenticated}) {
    EXPECT_TRUE(recorded(code, true));
    EXPECT_TRUE(recorded(code, false));
  }
  for (const ErrorCode code :
       {ErrorCode::not_found, ErrorCode::too_many, ErrorCode::unavailable, ErrorCode::outcome_unknown, ErrorCode::internal}) {
    EXPECT_FALSE(recorded(code, true)) << static_cast<int>(code);
  }
}

TEST_F(GuardTest, AnEventSaysOfItsRequestInWhichTraceItStandsAndForWhomItWasAsked) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", whom = "kubernetes:system:serviceaccount:shop:api";
  const auto requester = role.given_token(access::Role::requester);
  const auto write = [&] { return role.post("/writes").header("traceparent", trace).header("Quicklime-On-Behalf-Of", whom); };
  EXPECT_EQ(write().as(requester).send().status, 201U);
  EXPECT_EQ(role.written().back().request, RequestId("asked"));
  EXPECT_EQ(role.written().back().traceparent, trace);
  EXPECT_EQ(role.written().back().on_behalf_of, whom);
  EXPECT_EQ(write().as_administrator().send().status, 201U);
  EXPECT_EQ(role.written().back().on_behalf_of, whom);
  role.post("/fails").as(requester).body("", "0").header("traceparent", trace).header("Quicklime-On-Behalf-Of", whom).send();
  EXPECT_EQ(role.written().back().traceparent, trace) << "a refusal is an event, too";
  EXPECT_EQ(role.written().back().on_behalf_of, whom);
  EXPECT_EQ(role.post("/writes").as(requester).send().status, 201U);
  EXPECT_EQ(role.written().back().traceparent, "");
  EXPECT_EQ(role.written().back().on_behalf_of, std::nullopt);
}

TEST_F(GuardTest, OnlyWhoMayAskForCertificatesSpeaksForOthersAndNobodyIsIgnored) {
  const auto reason = [](test::Role::Ask ask, const std::string& whom = "somebody") {
    return ask.header("Quicklime-On-Behalf-Of", whom).send().reason();
  };
  const auto auditor = role.given_token(access::Role::auditor), requester = role.given_token(access::Role::requester);
  const std::size_t before = role.log_length();
  EXPECT_EQ(reason(role.get("/anyone")), "on-behalf-of-denied");
  EXPECT_EQ(reason(role.get("/anyone").as(requester)), "on-behalf-of-denied") << "nobody is asked there who he is";
  EXPECT_EQ(reason(role.post("/writes")), "unauthenticated");
  EXPECT_EQ(role.log_length(), before);
  EXPECT_EQ(reason(role.post("/writes").as(auditor)), "on-behalf-of-denied");
  EXPECT_EQ(reason(role.post("/proof").body("", "bad")), "on-behalf-of-denied") << "whoever proves asks for himself";
  EXPECT_EQ(reason(role.post("/proof").body("", "neither").as_administrator()).find("on-behalf-of"), std::string::npos);
  for (const std::string& malformed : {std::string(), std::string(257, 'x'), std::string("a\x1b"), std::string("qlk_0123_secret")}) {
    EXPECT_EQ(reason(role.post("/writes").as(requester), malformed), "on-behalf-of-malformed");
  }
  EXPECT_TRUE(role.written_of<events::LogSealed>().empty());
  EXPECT_EQ(reason(role.post("/writes").as(requester), std::string(256, 'x')), "{}");
}

// Who asks for a position is asked who he is as of it, too: a view that is behind may still know whom the log has taken back.
TEST_F(GuardTest, WhatHadEndedByThePositionThatIsAskedForHasEnded) {
  for (int i = 0; i < 50; ++i) {
    const auto token = role.given_token(access::Role::requester);
    const Position revoked = role.given_unseen(events::TokenRevoked{test::Role::id_of(token)});
    EXPECT_EQ(role.post("/writes").as(token).header("Quicklime-Min-Position", revoked.text()).send().reason(), "token-revoked");
  }
}

TEST_F(GuardTest, EachIdentityMayAskAsOftenAsAnyOtherAndAFrontEndAsOftenForEach) {
  metrics::Registry metrics;
  std::uint64_t second = 1;
  IdentityLimit identities(2, metrics, [&] { return second; });
  const auto guarded = Guard(role.context(), {.identities = &identities}).before(role.service().routes);
  const auto asked = [&](const std::string& token, const std::string& whom = "") {
    http::Request request{.target = "/writes", .path = "/writes"};
    request.headers.set("Authorization", "Bearer " + token);
    if (!whom.empty()) request.headers.set("Quicklime-On-Behalf-Of", whom);
    const auto answer = async::run_to_end(guarded.back().handler(request));
    return answer ? "answered" : answer.error().reason;
  };
  const auto one = role.given_token(access::Role::requester), other = role.given_token(access::Role::requester);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asked(one), "answered");
  const std::size_t before = role.log_length();
  EXPECT_EQ(asked(one), "identity-limited");
  EXPECT_EQ(role.log_length(), before) << "nothing is written for it";
  EXPECT_EQ(asked(other), "answered");
  ++second;
  EXPECT_EQ(asked(one), "answered");

  for (int i = 0; i < 2; ++i) EXPECT_EQ(asked(other, "a"), "answered");
  EXPECT_EQ(asked(other, "a"), "identity-limited");
  EXPECT_EQ(asked(other, "b"), "answered");
  EXPECT_EQ(asked(other), "answered") << "for itself";
  ++second;
  unsigned answered = 0;
  for (int i = 0; i < 100; ++i) answered += asked(other, "invented " + std::to_string(i)) == "answered" ? 1 : 0;
  EXPECT_LE(answered, 2 * IdentityLimit::kRequestersOfOne) << "whoever it invents";
  EXPECT_GE(answered, 2 * IdentityLimit::kRequestersOfOne - 4) << "but for those that chance put into one place";
}

TEST_F(GuardTest, AnyNumberUntilASettingSaysOtherwiseAndAlwaysOfTheControlSocket) {
  metrics::Registry metrics;
  IdentityLimit none(0, metrics), narrow(1, metrics, [] { return 1; });
  const events::Actor token{events::Actor::Kind::token, "ci"}, control{events::Actor::Kind::control, "root"};
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(none.admit(token, std::nullopt));
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(narrow.admit(control, std::nullopt));
  EXPECT_TRUE(narrow.admit(token, std::nullopt));
  const auto limited = narrow.admit(token, std::nullopt);
  ASSERT_FALSE(limited);
  EXPECT_EQ(limited.error().code, ErrorCode::too_many);
  EXPECT_EQ(limited.error().retry_after_seconds, 1U);
}

TEST_F(GuardTest, WhoeverIsRefusedIsRefusedBeforeHeWaits) {
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(role.post("/administrators/ab").header("Quicklime-Min-Position", "0.999").as_administrator().send().reason(), "view-behind");
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(waited, kPositionWait);
  EXPECT_EQ(
      role.post("/administrators/ab").header("Quicklime-Min-Position", "0.999").as(role.given_token(access::Role::auditor)).send().reason(),
      "role-denied");
  EXPECT_EQ(handled, 0);
}

TEST_F(GuardTest, ATokenThatTheViewHasNotMetIsLookedForAtThePositionThatTheRequestNames) {
  const auto known = role.given_token(access::Role::auditor);
  const auto at = Position{0, role.log_length() - 1}.text();
  EXPECT_EQ(role.get("/auditors").as(known).header("Quicklime-Min-Position", at).send().json()["at"], at);
  EXPECT_EQ(role.get("/auditors").as(known).header("Quicklime-Min-Position", "nonsense").send().status, 400);
}

TEST_F(GuardTest, AKeyIsRefusedWhereItDoesNotHelpAndTakenElsewhere) {
  const auto with_key = [&](const std::string& path) { return role.post(path).as_administrator().header("Idempotency-Key", "one").send(); };
  const auto refused = with_key("/again");
  EXPECT_EQ(refused.status, 400U);
  EXPECT_EQ(refused.reason(), "idempotency-key-refused");
  EXPECT_EQ(handled, 0);
  EXPECT_EQ(with_key("/administrators/ab").status, 200U);
  EXPECT_EQ(with_key("/anyone").status, 200U);
  EXPECT_EQ(role.post("/again").as_administrator().send().status, 200U);
  EXPECT_EQ(role.post("/again").header("Idempotency-Key", "one").send().reason(), "unauthenticated") << "who asks comes first";
}

TEST_F(GuardTest, AProofStandsByItselfAndWhatItShowsIsAccountedFor) {
  EXPECT_EQ(role.post("/proof").body("", "good").send().status, 200U);
  EXPECT_EQ(role.post("/proof").body("", "neither").send().reason(), "unauthenticated");
  EXPECT_EQ(role.post("/proof").body("", "neither").as_administrator().send().status, 200U);
  EXPECT_TRUE(role.written_of<events::RequestDenied>().empty());
  EXPECT_EQ(role.post("/proof").body("", "bad").send().reason(), "name-denied");
  ASSERT_EQ(role.written_of<events::RequestDenied>().size(), 1U);
  EXPECT_EQ(role.written().back().actor.id, "ab");
}

TEST_F(GuardTest, OnlySoManyOfNobodyWaitForAPosition) {
  const auto token = role.given_token(access::Role::auditor);
  const Position reached = role.given(events::RequestDenied{"POST /x", "reason", "detail"});
  async::LoopThread loop("strangers");
  constexpr int kAll = kWaitingStrangers + 10;
  std::latch done(kAll);
  std::atomic<int> at_once{0};
  const auto guarded = Guard(role.context(), {}).before(role.service().routes);
  http::Request request{.target = "/anyone", .path = "/anyone"};
  request.headers.set("Quicklime-Min-Position", "0.999");
  for (int i = 0; i < kAll; ++i) {
    loop.loop().spawn(
        [](const http::Handler& handler, const http::Request& asked, std::atomic<int>& refused, std::latch& count) -> async::Task<void> {
          const auto since = std::chrono::steady_clock::now();
          EXPECT_EQ((co_await handler(asked)).error().reason, "view-behind");
          if (std::chrono::steady_clock::now() - since < kPositionWait) ++refused;
          count.count_down();
        }(guarded[0].handler, request, at_once, done));
  }
  // What the view has already is nobody's wait.
  while (at_once < 10 && !done.try_wait()) std::this_thread::sleep_for(Milliseconds(1));
  request.headers.set("Quicklime-Min-Position", reached.text());
  EXPECT_TRUE(async::run_to_end(guarded[0].handler(request)));
  // Nor does somebody whom we know wait as nobody, be it where a proof would do.
  request.headers.set("Quicklime-Min-Position", "0.998");
  request.headers.set("Authorization", "Bearer " + token);
  const auto asked_at = std::chrono::steady_clock::now();
  EXPECT_EQ(async::run_to_end(guarded[5].handler(request)).error().reason, "view-behind");
  EXPECT_GE(std::chrono::steady_clock::now() - asked_at, kPositionWait);
  done.wait();
  EXPECT_EQ(at_once, 10);
  EXPECT_EQ(handled, 1);
}

TEST_F(GuardTest, AnAddressThatGuessesIsStoppedBeforeAnythingIsLookedUpAndNobodyElseIs) {
  std::uint64_t second = 1;
  metrics::Registry metrics;
  FailureLimit failures(3, metrics, [&] { return second; });
  const auto guarded = Guard(role.context(), {.failures = &failures}).before(role.service().routes);
  const auto asked = [&](const std::string& address, std::size_t route, const std::string& token = "qlk_guess") {
    http::Request request{.target = "/auditors", .path = "/auditors"};
    request.peer = {.transport = async::Peer::Transport::tls, .address = address};
    request.headers.set("Authorization", "Bearer " + token);
    request.headers.set("X-Forwarded-For", "203.0.113." + std::to_string(second));
    const auto answer = async::run_to_end(guarded[route].handler(request));
    return answer ? "answered" : answer.error().reason;
  };
  constexpr std::size_t kAnyone = 0, kAuditors = 2;
  const auto token = role.given_token(access::Role::auditor);
  for (int port = 1; port <= 3; ++port) EXPECT_EQ(asked("192.0.2.1:" + std::to_string(port), kAuditors), "token-unknown");
  EXPECT_EQ(asked("192.0.2.1:4", kAuditors), "authentication-limited") << "whatever port, whatever it says of others";
  EXPECT_EQ(asked("192.0.2.1:5", kAuditors, token), "authentication-limited");
  EXPECT_EQ(asked("192.0.2.1:6", kAnyone), "answered") << "where nobody is asked who he is";
  EXPECT_EQ(asked("192.0.2.2:1", kAuditors, token), "answered");
  ++second;
  EXPECT_EQ(asked("192.0.2.1:7", kAuditors, token), "answered");

  for (int host = 1; host <= 3; ++host) asked("[2001:db8::" + std::to_string(host) + "]:1", kAuditors);
  EXPECT_EQ(asked("[2001:db8::ffff]:1", kAuditors), "authentication-limited") << "a network of 64 bits is one";
  EXPECT_EQ(asked("[2001:db8:0:1::1]:1", kAuditors), "token-unknown");
  for (int i = 0; i < 3; ++i) asked("[::ffff:192.0.2.3]:1", kAuditors);
  EXPECT_EQ(asked("192.0.2.3:1", kAuditors), "authentication-limited") << "one address, two spellings";
}

TEST_F(GuardTest, BehindAGatewayAClientIsWhomItNames) {
  metrics::Registry metrics;
  FailureLimit failures(2, metrics, [] { return 1; });
  const auto guarded = Guard(role.context(), {.failures = &failures, .behind_gateway = true}).before(role.service().routes);
  const auto asked = [&](const std::string& client) {
    http::Request request{.target = "/auditors", .path = "/auditors"};
    request.peer = {.transport = async::Peer::Transport::tls, .address = "10.0.0.1:443"};
    request.headers.set("X-Forwarded-For", client);
    return async::run_to_end(guarded[2].handler(request)).error().reason;
  };
  for (int i = 0; i < 2; ++i) EXPECT_EQ(asked("192.0.2.1"), "unauthenticated");
  EXPECT_EQ(asked("192.0.2.1"), "authentication-limited");
  EXPECT_EQ(asked("198.51.100.7, 192.0.2.1"), "authentication-limited") << "whoever it says it passed before";
  EXPECT_EQ(asked("192.0.2.2"), "unauthenticated");
}

}  // namespace
}  // namespace quicklime::api
