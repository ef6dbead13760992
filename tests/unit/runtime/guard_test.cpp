// What stands before every handler, asked through a router as a client would.
#include "runtime/guard.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>

#include "access/token.hpp"
#include "async/loop.hpp"
#include "runtime/requests.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::runtime {
namespace {

views::Projection tokens() {
  return {.name = "guarded",
          .version = 1,
          .spaces = {access::token_space()},
          .apply = [](const events::Event& event, Position, views::Fold& fold) -> Result<void> {
            access::fold_token(event, fold);
            return {};
          }};
}

// A role with a route of each kind; its handlers say who asked.
class GuardTest : public testing::Test {
 protected:
  GuardTest() : role(tokens()) {
    role.serve([this](const ServiceContext&) { return service(); });
  }

  Service service() {
    using access::Role;
    const auto says_who = [this](Call& call) -> async::Task<Answer> { return answer(*this, call); };
    const auto proves = [this](Call& call) -> async::Task<Answer> { return prove(*this, call); };
    Service made;
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
      call.proved_to_be({{"certificate", "ab"}, "the holder of ab", access::Role::requester, {}, ca::NamePolicy::everything()});
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
  async::LoopThread loop("strangers");
  constexpr int kAll = kWaitingStrangers + 10;
  std::latch done(kAll);
  std::atomic<int> at_once{0};
  const auto begun = std::chrono::steady_clock::now();
  http::Router router;
  const auto guarded = Guard(role.context(), nullptr).before(role.service().routes);
  http::Request request{.target = "/anyone", .path = "/anyone"};
  request.headers.set("Quicklime-Min-Position", "0.999");
  for (int i = 0; i < kAll; ++i) {
    loop.loop().spawn([](const http::Handler& handler, const http::Request& asked, std::atomic<int>& refused, std::latch& count,
                         std::chrono::steady_clock::time_point since) -> async::Task<void> {
      EXPECT_EQ((co_await handler(asked)).error().reason, "view-behind");
      if (std::chrono::steady_clock::now() - since < kPositionWait) ++refused;
      count.count_down();
    }(guarded[0].handler, request, at_once, done, begun));
  }
  done.wait();
  EXPECT_EQ(at_once, 10);
  EXPECT_EQ(handled, 0);
}

}  // namespace
}  // namespace quicklime::runtime
