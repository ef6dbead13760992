// What happens: told as a list and as a stream, in the order of the log, to whom, and without secrets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "dashboard_api/event_stream.hpp"
#include "dashboard_api/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::dashboard_api {
namespace {

using test::Answer;
using test::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using Texts = std::vector<std::string>;

std::string greeting(const std::string& position) { return "retry: 2000\nid: " + position + "\n\n"; }

class Events : public ::testing::Test {
 protected:
  Events() : role(projection()) {
    role.serve([](api::ServiceContext context) { return make_service(context); });
  }

  void issued(const std::string& serial) { role.given(test::an_issued(serial), {events::Actor::Kind::token, "ci"}); }
  void held(const std::string& serial) { role.given(events::CertificateHeld{*SerialNumber::from_hex(serial), AuthorityId("issuing-1")}); }
  std::string at(std::uint64_t offset) const { return Position{0, offset}.text(); }

  Answer get(const std::string& query = "") { return role.get("/v1/events" + query).as_administrator().send(); }
  Answer follow(const std::string& query = "", const std::string& last = "") {
    auto ask = role.get("/v1/events" + query).as_administrator().header("Accept", "text/event-stream");
    if (!last.empty()) ask.header("Last-Event-ID", last);
    return ask.send();
  }
  static Texts positions(const Answer& answer) {
    EXPECT_EQ(answer.status, 200U) << answer.body;
    Texts found;
    const Json json = answer.json();
    for (const auto& event : json["events"]) found.push_back(event["position"]);
    return found;
  }
  static Texts ids(const std::string& piece) {
    Texts found;
    for (std::size_t at = piece.find("id: "); at != std::string::npos; at = piece.find("\nid: ", at + 1)) {
      const std::size_t begin = piece.find("0.", at);
      found.push_back(piece.substr(begin, piece.find('\n', begin) - begin));
    }
    return found;
  }

  test::Role role;
};

TEST_F(Events, AreListedNewestFirstByPagesOrFromAPositionOn) {
  for (const char* serial : {"a1", "a2", "a3", "a4"}) issued(serial);  // 0.1 to 0.4, behind log.created
  EXPECT_THAT(positions(get()), ElementsAre("0.4", "0.3", "0.2", "0.1", "0.0"));
  const auto page = get("?limit=2");
  EXPECT_THAT(positions(page), ElementsAre("0.4", "0.3"));
  EXPECT_EQ(page.header("Quicklime-Position"), "0.4");
  const auto second = get("?limit=2&cursor=" + page.json()["next"].get<std::string>());
  EXPECT_THAT(positions(second), ElementsAre("0.2", "0.1"));
  const auto third = get("?limit=2&cursor=" + second.json()["next"].get<std::string>());
  EXPECT_THAT(positions(third), ElementsAre("0.0"));
  EXPECT_FALSE(third.json().contains("next"));

  const auto behind = get("?after=0.1&limit=2");
  EXPECT_THAT(positions(behind), ElementsAre("0.2", "0.3"));
  EXPECT_THAT(positions(get("?after=0.1&limit=2&cursor=" + behind.json()["next"].get<std::string>())), ElementsAre("0.4"));
  EXPECT_THAT(positions(get("?after=0.4")), IsEmpty());
}

TEST_F(Events, AreFoundByTypeHoweverFewThereAre) {
  issued("a1");
  held("a1");
  for (int i = 0; i < 600; ++i) role.given_unchecked(events::RequestDenied{"POST /x", "role-denied", "detail"});
  role.settle();
  EXPECT_THAT(positions(get("?type=certificate.held")), ElementsAre("0.2"));
  EXPECT_THAT(positions(get("?type=certificate.held,certificate.issued&after=0.0")), ElementsAre("0.1", "0.2"));
  EXPECT_EQ(get("?type=certificate.eaten").reason(), "type-unknown");
}

TEST_F(Events, SayWhoDidWhatAndNoSecret) {
  role.given(events::TokenCreated{.token = TokenId("t1"),
                                  .name = "ci",
                                  .secret_sha256 = std::string(64, 'e'),
                                  .role = "requester",
                                  .profiles = {"*"},
                                  .names = {"*"},
                                  .not_after = role.context().clock.now()});
  issued("a1");
  const auto listed = get().json()["events"];
  EXPECT_EQ(listed[1]["data"]["name"], "ci");
  EXPECT_FALSE(listed[1]["data"].contains("secret_sha256"));
  const Json& event = listed[0];
  EXPECT_EQ(event["type"], "certificate.issued");
  EXPECT_EQ(event["actor"], (Json{{"kind", "token"}, {"id", "ci"}}));
  EXPECT_EQ(event["request"], "given");
  EXPECT_EQ(event["data"]["serial"], "a1");
  EXPECT_EQ(event["data"]["names"], (Json{"DNS:api.internal"}));
  EXPECT_TRUE(event.contains("time") && event.contains("id"));
  EXPECT_FALSE(event["data"].contains("certificate")) << "whose DER the certificate's own route has";
}

TEST_F(Events, AreForAdministratorsAndAuditors) {
  const auto auditor = role.given_token(access::Role::auditor), requester = role.given_token(access::Role::requester);
  EXPECT_EQ(role.get("/v1/events").as(auditor).send().status, 200U);
  EXPECT_EQ(role.get("/v1/events").as(requester).send().reason(), "role-denied");
  EXPECT_EQ(role.get("/v1/events").send().reason(), "unauthenticated");
}

TEST_F(Events, AreRefusedByNameWhenTheyAreAskedForWrongly) {
  EXPECT_EQ(get("?limit=0").reason(), "limit-malformed");
  EXPECT_EQ(get("?cursor=x").reason(), "cursor-malformed");
  EXPECT_EQ(get("?after=x").status, 400U);
  EXPECT_EQ(follow("", "x").status, 400U);
  EXPECT_EQ(follow("?limit=2").reason(), "parameter-unknown");
  EXPECT_EQ(follow("", "1.0").reason(), "position-of-another-epoch");
}

TEST_F(Events, AreStreamedAsTheyAreFolded) {
  issued("a1");
  const auto answer = follow();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(answer.header("X-Accel-Buffering"), "no");
  EXPECT_EQ(answer.header("Quicklime-Position"), "0.1");
  EXPECT_EQ(answer.next_piece(), greeting("0.1"));
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    issued("a2");
  });
  const std::string piece = answer.next_piece();
  later.join();
  EXPECT_THAT(piece, StartsWith("id: 0.2\nevent: certificate.issued\ndata: {\"position\":\"0.2\","))
      << "what happened before was not asked for";
  EXPECT_THAT(piece, HasSubstr("\"serial\":\"a2\""));
  EXPECT_TRUE(piece.ends_with("}\n\n"));
}

TEST_F(Events, AreToldOnlyWhenTheViewKnowsThem) {
  role.let_the_view_age(Milliseconds(0));
  role.given_unseen(test::an_issued("a1"));
  const auto answer = follow("?after=0.0");
  EXPECT_EQ(answer.next_piece(), greeting("0.0"));
  EXPECT_THAT(positions(get()), ElementsAre("0.0"));
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    role.let_the_view_go_on();
  });
  EXPECT_THAT(ids(answer.next_piece()), ElementsAre("0.1"));
  later.join();
}

TEST_F(Events, AreResumedWhereTheReaderStopped) {
  for (int i = 0; i < 2'000; ++i) role.given_unchecked(events::RequestDenied{"POST /x", "role-denied", "detail"});
  issued("a1");
  std::vector<Texts> told;
  for (const auto& answer : {follow("?after=0.0"), follow("?after=0.1999", "0.0"), follow("", "0.1990")}) {
    EXPECT_THAT(answer.next_piece(), StartsWith("retry: "));
    Texts all;
    while (all.empty() || all.back() != "0.2001") {
      const Texts some = ids(answer.next_piece());
      all.insert(all.end(), some.begin(), some.end());
    }
    told.push_back(all);
  }
  ASSERT_EQ(told[0].size(), 2'001U) << "each once, out of the log and out of what is kept";
  for (std::size_t i = 0; i < told[0].size(); ++i) EXPECT_EQ(told[0][i], at(i + 1));
  EXPECT_EQ(told[1], told[0]) << "the header says where one was, the URL where one began";
  EXPECT_EQ(told[2].size(), 11U);
}

TEST_F(Events, OfOtherTypesAreNotToldButRememberedAsSeen) {
  const auto feed = std::make_shared<runtime::Feed>(role.context().log, role.context().view, role.context().pools.log, describe_event,
                                                    role.context().metrics);
  const auto stream = event_stream(feed, {0, 0}, {"certificate.held"}, Milliseconds(20));
  const Answer answer{200, {}, "", stream};
  EXPECT_EQ(answer.next_piece(), greeting("0.0"));
  issued("a1");
  std::string piece;
  while (ids(piece) != Texts{"0.1"}) piece = answer.next_piece();
  EXPECT_EQ(piece, ": heartbeat\nid: 0.1\n\n");
  held("a1");
  while (piece.find("event: ") == std::string::npos) piece = answer.next_piece();
  EXPECT_THAT(piece, StartsWith("id: 0.2\nevent: certificate.held\n"));
}

TEST_F(Events, EndTheirStreamWhenItIsStoppedWhileItWaits) {
  const auto answer = follow();
  EXPECT_EQ(answer.next_piece(), greeting("0.0"));
  async::LoopThread other("other");
  std::thread later([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    answer.stream->stop();
  });
  EXPECT_EQ(answer.next_piece(), "the end");
  later.join();
}

}  // namespace
}  // namespace quicklime::dashboard_api
