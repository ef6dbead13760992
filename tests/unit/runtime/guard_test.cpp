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
      call.proved_to_be(
          {{events::Actor::Kind::certificate, "ab"}, "the holder of ab", access::Role::requester, {}, ca::NamePolicy::everything()});
      co_return fail(ErrorCode::denied, "name-denied", "not that one");
    }
    std::vector<access::Role> administrator(1, access::Role::administrator);
    if (auto known = co_await call.identify(std::move(administrator)); !known) co_return forward(known);
    co_return co_await answer(test, call);
  }

  test::Role role;
  std::atomic<int> handled{0};
};

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
  EXPECT_EQ(denied[1].route, "POST /administrators/abcd");
  EXPECT_EQ(denied[2].route, "POST /administrators/{serial}") << "whatever stood there";
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
