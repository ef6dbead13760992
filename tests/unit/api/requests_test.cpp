#include "api/requests.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/guard.hpp"
#include "crypto/random.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "views/memory_store.hpp"

namespace quicklime::api {
namespace {

using namespace std::chrono_literals;
using async::Task;
using http::Request;
using http::Response;

// Knows one token: "letmein" is Ada.
class OneToken final : public access::Authenticator {
 public:
  Task<std::optional<access::Recognised>> recognise(const access::Credentials& credentials) override {
    std::optional<access::Recognised> answer;
    if (credentials.bearer && credentials.bearer->reveal() == "letmein") {
      answer = {access::Identity{{events::Actor::Kind::token, "ada"}, "Ada", access::Role::requester, {"*"}, ca::NamePolicy::everything()}};
    }
    co_return answer;
  }
};

class Requests : public testing::Test {
 protected:
  static std::vector<std::unique_ptr<access::Authenticator>> ways() {
    std::vector<std::unique_ptr<access::Authenticator>> list;
    list.push_back(std::make_unique<OneToken>());
    return list;
  }
  static std::string log_created(const LogId& id, const Clock& clock) {
    return events::encode({.id = EventId(crypto::uuid_v7(clock.now())),
                           .time = clock.now(),
                           .writer = {"init", 1},
                           .actor = {events::Actor::Kind::control, "root"},
                           .request = RequestId("init"),
                           .data = events::LogCreated{id}});
  }
  std::uint64_t events_in_log() { return log->end()->offset; }
  void view_applied(std::uint64_t offset) { view.applied({{log_id, {0, offset}, {}, {}}, 1, clock.now(), clock.now()}); }

  SystemClock clock;
  LogId log_id{"0192f0c5-0000-7000-8000-000000000000"};
  std::unique_ptr<eventlog::MemoryLog> log = eventlog::make_memory_log(log_id, log_created(log_id, clock));
  eventlog::EventWriter writer{*log, clock};
  std::unique_ptr<views::MemoryStore> store = views::make_memory_store({}, clock);
  views::View view{"issuance", *store, views::View::Notified::by_runner};
  access::Access access{ways()};
  access::Denials denials{writer, clock};
  async::Pools pools;
  metrics::Registry registry;
  settings::Configuration configuration;
  ServiceContext context{*log, writer, view, access, denials, clock, pools, registry, configuration};
};

Request asked(std::initializer_list<std::pair<const char*, const char*>> headers) {
  Request request{.method = http::Method::post, .target = "/v1/certificates?x=1", .path = "/v1/certificates", .id = RequestId("r-1")};
  for (const auto& [name, value] : headers) request.headers.add(name, value);
  return request;
}

TEST_F(Requests, CredentialsAreWhatTheConnectionAndTheHeaderShow) {
  Request request = asked({{"authorization", "bEARER  qlk_a_b "}});
  request.peer = {.transport = async::Peer::Transport::tls, .address = "127.0.0.1:1", .certificate = "der"};
  const auto credentials = credentials_of(request, {});
  ASSERT_TRUE(credentials.bearer);
  EXPECT_EQ(credentials.bearer->reveal(), "qlk_a_b");
  EXPECT_EQ(credentials.client_certificate, "der");
  EXPECT_EQ(credentials.control_socket_uid, std::nullopt);
}

TEST_F(Requests, OnlyTheControlSocketShowsAUser) {
  Request request = asked({});
  request.peer = {.transport = async::Peer::Transport::unix_socket, .address = "", .certificate = {}, .uid = 1000};
  EXPECT_EQ(credentials_of(request, {}).control_socket_uid, 1000U);
  request.peer.transport = async::Peer::Transport::plain;
  EXPECT_EQ(credentials_of(request, {}).control_socket_uid, std::nullopt);
}

TEST_F(Requests, AnotherSchemeIsNoBearer) {
  EXPECT_FALSE(credentials_of(asked({{"Authorization", "Basic bGV0bWVpbg=="}}), {}).bearer);
  EXPECT_FALSE(credentials_of(asked({{"Authorization", "Bearer"}}), {}).bearer);
}

TEST_F(Requests, ACookieIsFoundInWhicheverHeaderItStands) {
  Request request = asked({{"Cookie", "theme=dark; a=1"}});
  request.headers.add("cookie", "b=2;c=3");
  EXPECT_EQ(cookie_of(request, "a"), "1");
  EXPECT_EQ(cookie_of(request, "c"), "3");
  EXPECT_EQ(cookie_of(request, "d"), std::nullopt);
}

// As an identified route answers.
Result<Response> served(const ServiceContext& context, const Request& request, std::function<Task<Answer>(Call&)> handler) {
  const std::vector<Route> routes{{request.method, "/v1/certificates", Access::identified({access::Role::requester}), std::move(handler)}};
  return async::run_to_end(Guard(context, {}).before(routes).front().handler(request));
}

TEST_F(Requests, WhoIsKnownIsServedUnderTheirName) {
  const Request request = asked({{"Authorization", "Bearer letmein"}});
  const auto response =
      served(context, request, [](Call& call) -> Task<Answer> { co_return Response::of(200, "text/plain", call.who().name); });
  ASSERT_TRUE(response) << response.error().detail;
  EXPECT_EQ(response->body, "Ada");
  EXPECT_EQ(events_in_log(), 1U);
}

TEST_F(Requests, ADenialOfSomebodyKnownIsAnEvent) {
  Request request = asked({{"Authorization", "Bearer letmein"}});
  request.route = "/v1/certificates";
  const auto response = served(context, request, [](Call&) -> Task<Answer> {
    co_return fail(ErrorCode::denied, "name-not-granted", "the name api.internal is not granted");
  });
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().reason, "name-not-granted");
  ASSERT_EQ(events_in_log(), 2U);
  const auto event = events::decode(log->read_one(1)->bytes);
  ASSERT_TRUE(event);
  const auto* denied = std::get_if<events::RequestDenied>(&event->data);
  ASSERT_NE(denied, nullptr);
  EXPECT_EQ(denied->route, "POST /v1/certificates");
  EXPECT_EQ(denied->reason, "name-not-granted");
  EXPECT_EQ(event->actor, (events::Actor{events::Actor::Kind::token, "ada"}));
  EXPECT_EQ(event->request, RequestId("r-1"));
}

TEST(Refusals, OfAPathASerialIsWrittenDownAndNothingElse) {
  Request request{.method = http::Method::delete_, .target = "", .path = "/v1/tokens/qlk_secret", .id = RequestId("r-1")};
  request.route = "/v1/tokens/{id}";
  request.parameters["id"] = "qlk_secret";
  const Error error{ErrorCode::denied, "role-denied", "no"};
  EXPECT_EQ(refusal_of(request, error).route, "DELETE /v1/tokens/{id}");
  EXPECT_EQ(refusal_of(request, error).subject, "");
  request.route = "/v1/certificates/{serial}/revoke";
  request.parameters = {{"serial", "0A:0B"}};
  EXPECT_EQ(refusal_of(request, error).route, "DELETE /v1/certificates/{serial}/revoke");
  EXPECT_EQ(refusal_of(request, error).subject, "0a0b");
  request.parameters = {{"serial", "qlr_secret"}};
  EXPECT_EQ(refusal_of(request, error).route, "DELETE /v1/certificates/{serial}/revoke");
  EXPECT_EQ(refusal_of(request, error).subject, "");
}

TEST_F(Requests, ALargeBodyIsReadForWhomWeKnow) {
  Request request = asked({});
  request.body = std::string(4'096, ' ');
  EXPECT_TRUE(async::run_to_end(require_identity_for_large_body(context, Call(context, request))));
  request.body += ' ';
  EXPECT_EQ(async::run_to_end(require_identity_for_large_body(context, Call(context, request))).error().code, ErrorCode::unauthenticated);
  request.headers.set("Authorization", "Bearer letmein");
  EXPECT_TRUE(async::run_to_end(require_identity_for_large_body(context, Call(context, request))));
}

TEST_F(Requests, WhatAStrangerCausesIsNoEventAndAMistakeOfSomebodyWhoWritesIsOne) {
  const Request stranger = asked({{"Authorization", "Bearer guess"}});
  bool called = false;
  const auto refused = served(context, stranger, [&called](Call&) -> Task<Answer> {
    called = true;
    co_return Response{};
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::unauthenticated);
  EXPECT_FALSE(called);
  EXPECT_EQ(events_in_log(), 1U);

  const Request known = asked({{"Authorization", "Bearer letmein"}});
  const auto mistaken =
      served(context, known, [](Call&) -> Task<Answer> { co_return fail(ErrorCode::invalid, "csr-malformed", "not DER"); });
  EXPECT_FALSE(mistaken);
  EXPECT_EQ(events_in_log(), 2U);
}

TEST_F(Requests, WithoutAMinimumNobodyWaits) {
  const Request request = asked({});
  EXPECT_TRUE(async::run_to_end(at_least_min_position(context, request)));
}

TEST_F(Requests, AViewThatIsThereAnswersAtOnce) {
  view_applied(7);
  const Request request = asked({{"Quicklime-Min-Position", "0.7"}});
  EXPECT_TRUE(async::run_to_end(at_least_min_position(context, request)));
}

TEST_F(Requests, AViewThatComesInTimeIsWaitedFor) {
  view_applied(7);
  const Request request = asked({{"Quicklime-Min-Position", "0.8"}});
  std::thread projection([this] {
    std::this_thread::sleep_for(100ms);
    view_applied(8);
  });
  EXPECT_TRUE(async::run_to_end(at_least_min_position(context, request)));
  projection.join();
}

TEST_F(Requests, AViewThatStaysBehindIsAnsweredToTryAgain) {
  view_applied(7);
  const Request request = asked({{"Quicklime-Min-Position", "0.9"}});
  const auto begun = std::chrono::steady_clock::now();
  const auto reached = async::run_to_end(at_least_min_position(context, request));
  ASSERT_FALSE(reached);
  EXPECT_EQ(reached.error().reason, "view-behind");
  EXPECT_EQ(reached.error().retry_after_seconds, 1U);
  const auto waited = std::chrono::steady_clock::now() - begun;
  EXPECT_GE(waited, 1'900ms);
  EXPECT_LT(waited, 10s);
}

TEST_F(Requests, APositionThatIsNoneIsRefusedNamingTheHeader) {
  const Request request = asked({{"Quicklime-Min-Position", "yesterday"}});
  const auto reached = async::run_to_end(at_least_min_position(context, request));
  ASSERT_FALSE(reached);
  EXPECT_EQ(reached.error().code, ErrorCode::invalid);
  EXPECT_EQ(reached.error().field, "Quicklime-Min-Position");
}

TEST_F(Requests, APreferredWaitIsUnderstoodAndBounded) {
  EXPECT_EQ(preferred_wait(asked({})), 0s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "wait=3"}})), 3s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "respond-async, Wait = 5"}})), 5s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "respond-async"}, {"prefer", "wait=2"}})), 2s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "wait=3600"}})), 10s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "wait=99999999999999999999"}})), 10s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "wait=soon"}})), 0s);
  EXPECT_EQ(preferred_wait(asked({{"Prefer", "wait="}})), 0s);
}

TEST_F(Requests, APositionLeavesInItsHeader) {
  Response response;
  set_position(response, {0, 42});
  EXPECT_EQ(response.headers.get("quicklime-position"), "0.42");
}

TEST_F(Requests, ASerialInAnyHexFormIsTheSame) {
  Request request = asked({});
  request.parameters["serial"] = "39:DD:0A";
  const auto first = serial_parameter(request);
  request.parameters["serial"] = "39dd0a";
  const auto second = serial_parameter(request);
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  EXPECT_EQ(*first, *second);
  request.parameters["serial"] = "api.internal";
  EXPECT_EQ(serial_parameter(request).error().field, "serial");
}

}  // namespace
}  // namespace quicklime::api
