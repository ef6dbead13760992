// How many streams there may be at a time, and for whom they go on.
#include "api/stream_limit.hpp"

#include <gtest/gtest.h>

#include "access/token.hpp"
#include "api/guard.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::api {
namespace {

class Word final : public http::BodyStream {
 public:
  async::Task<Result<std::optional<std::string>>> next() override { co_return "word"; }
};

std::string reason_of(const Result<std::shared_ptr<http::BodyStream>>& admitted) { return admitted ? "" : admitted.error().reason; }

TEST(StreamLimit, AnAddressHasItsShareAndItsNeighboursHaveTheirs) {
  metrics::Registry metrics;
  StreamLimit limit("role", metrics);
  std::vector<std::shared_ptr<http::BodyStream>> open;
  const auto ask = [&](const std::string& address) {
    auto admitted = limit.admit(address, {}, std::make_shared<Word>());
    const std::string reason = reason_of(admitted);
    if (admitted) open.push_back(*admitted);
    return reason;
  };
  for (std::size_t i = 0; i < StreamLimit::kPerAddress; ++i) EXPECT_EQ(ask("192.0.2.1:" + std::to_string(1000 + i)), "");
  EXPECT_EQ(ask("192.0.2.1:7"), "streams-limited");
  EXPECT_EQ(ask("192.0.2.1"), "streams-limited") << "as a gateway writes it";
  EXPECT_EQ(ask("192.0.2.2:7"), "");
  open.erase(open.begin());
  EXPECT_EQ(ask("192.0.2.1:7"), "");
  EXPECT_EQ(metrics.counter("quicklime_streams_refused_total", "", {{"role", "role"}, {"by", "address"}}).value(), 2U);
}

TEST(StreamLimit, ThereAreSoManyInAll) {
  metrics::Registry metrics;
  StreamLimit limit("role", metrics);
  std::vector<std::shared_ptr<http::BodyStream>> open;
  for (std::size_t i = 0; i < StreamLimit::kInAll; ++i) open.push_back(*limit.admit("", {}, std::make_shared<Word>()));
  EXPECT_EQ(reason_of(limit.admit("", {}, std::make_shared<Word>())), "streams-full");
  open.pop_back();
  EXPECT_EQ(reason_of(limit.admit("192.0.2.1:7", {}, std::make_shared<Word>())), "");
}

// A role with a stream for auditors; who asks is looked up before each piece.
class AskedAgain : public testing::Test {
 protected:
  AskedAgain()
      : role({.name = "streaming",
              .version = 1,
              .spaces = {access::token_space()},
              .apply = [](const views::Record& record, views::Fold& fold) -> Result<void> {
                access::fold_token(record.event, fold);
                return {};
              }}) {}
  std::shared_ptr<http::BodyStream> stream_of(const std::string& token) {
    StreamLimit::Asker asker{&role.context().access, {.bearer = Secret::copy_of(token)}, {access::Role::auditor}};
    return *limit.admit("", std::move(asker), std::make_shared<Word>());
  }
  std::uint64_t ended(const char* how) {
    return role.context().metrics.counter("quicklime_streams_ended_total", "", {{"role", "limited"}, {"how", how}}).value();
  }

  test::Role role;
  StreamLimit limit{"limited", role.context().metrics, std::chrono::milliseconds(0)};
};

TEST_F(AskedAgain, AStreamEndsWithTheRightToIt) {
  const auto token = role.given_token(access::Role::auditor);
  auto stream = stream_of(token);
  EXPECT_EQ(*async::run_to_end(stream->next()), "word");
  role.given(events::TokenRevoked{test::Role::id_of(token)});
  EXPECT_EQ(async::run_to_end(stream->next()).error().reason, "token-revoked");
  stream.reset();
  EXPECT_EQ(ended("cut"), 1U);
}

TEST_F(AskedAgain, WhatCannotBeLookedUpForTheMomentEndsNothing) {
  auto stream = stream_of(role.given_token(access::Role::auditor));
  role.let_the_view_age(std::chrono::hours(1));
  EXPECT_EQ(*async::run_to_end(stream->next()), "word");
  stream.reset();
  EXPECT_EQ(ended("left"), 1U);
}

TEST_F(AskedAgain, TheGuardCountsEveryStreamOfARole) {
  role.serve([](const ServiceContext&) {
    runtime::Service service;
    service.routes = {{http::Method::get, "/words", Access::anyone(), [](Call&) -> async::Task<Answer> {
                         http::Response response;
                         response.stream = std::make_shared<Word>();
                         co_return response;
                       }}};
    return service;
  });
  std::vector<test::Answer> open;
  for (std::size_t i = 0; i < StreamLimit::kPerAddress; ++i) open.push_back(role.get("/words").from("192.0.2.1:7").send());
  EXPECT_EQ(open.back().next_piece(), "word");
  const auto refused = role.get("/words").from("192.0.2.1:8").send();
  EXPECT_EQ(refused.status, 429U);
  EXPECT_EQ(refused.header("Retry-After"), "5");
  open.clear();
  EXPECT_EQ(role.get("/words").from("192.0.2.1:8").send().status, 200U);
}

}  // namespace
}  // namespace quicklime::api
