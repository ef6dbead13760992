#include "access/denials.hpp"

#include <gtest/gtest.h>

#include "crypto/random.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "fixture.hpp"
#include "support/event_schema.hpp"

namespace quicklime::access {
namespace {

struct World {
  void refuse(const std::string& who, const std::string& detail = "no") {
    Error error{ErrorCode::denied, "name-not-granted", detail};
    async::run_to_end(denials.record({events::Actor::Kind::token, who}, {RequestId("r")},
                                     {"POST /v1/certificates/{serial}/hold", "0a", std::move(error)}));
  }
  void flush() { async::run_to_end(denials.flush()); }
  std::vector<std::pair<std::string, events::RequestDenied>> events() {
    std::vector<std::pair<std::string, events::RequestDenied>> list;
    for (std::uint64_t offset = 1; offset < log->end()->offset; ++offset) {
      const auto event = *events::decode(log->read_one(offset)->bytes);
      list.emplace_back(event.actor.id, std::get<events::RequestDenied>(event.data));
    }
    return list;
  }

  test::FixedClock clock;
  std::unique_ptr<eventlog::MemoryLog> log =
      eventlog::make_memory_log(LogId("log"), events::encode(test::event(clock.now_, events::LogCreated{LogId("log")})));
  quicklime::test::ValidatingLog validated{*log};
  eventlog::EventWriter writer{validated, clock};
  Denials denials{writer, clock};
};

TEST(Denials, WhatWasCountedIsWrittenWhenTheProcessEnds) {
  World world;
  for (int i = 0; i < 25; ++i) world.refuse("a");
  async::run_to_end(world.denials.flush(Denials::Which::all));
  ASSERT_EQ(world.events().size(), 11U);
  EXPECT_EQ(world.events().back().second.count, 15U);
  async::run_to_end(world.denials.flush(Denials::Which::all));
  EXPECT_EQ(world.events().size(), 11U) << "once";
}

TEST(Denials, TenAMinuteAndTheRestAsOneEventWithACount) {
  World world;
  for (int i = 0; i < 25; ++i) world.refuse("a", "denial " + std::to_string(i));
  EXPECT_EQ(world.events().size(), 10U);
  world.flush();
  EXPECT_EQ(world.events().size(), 10U) << "the minute is not over";
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(1);
  world.flush();
  const auto events = world.events();
  ASSERT_EQ(events.size(), 11U);
  EXPECT_EQ(events.front().second.count, 1U);
  EXPECT_EQ(events.front().second.detail, "denial 0");
  EXPECT_EQ(events.back().second.count, 15U);
  EXPECT_EQ(events.back().second.detail, "denial 24") << "the last of them";
  EXPECT_EQ(events.back().second.route, "POST /v1/certificates/{serial}/hold");
  EXPECT_EQ(events.back().second.reason, "name-not-granted");
  world.flush();
  EXPECT_EQ(world.events().size(), 11U) << "once";
}

TEST(Denials, EachIdentityHasItsOwnTen) {
  World world;
  for (int i = 0; i < 12; ++i) {
    world.refuse("a");
    world.refuse("b");
  }
  EXPECT_EQ(world.events().size(), 20U);
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(1);
  world.flush();
  EXPECT_EQ(world.events().size(), 22U);
}

TEST(Denials, SoManyIdentitiesAreRememberedAndTheOthersAreCountedInOne) {
  World world;
  for (std::size_t i = 0; i < Denials::kIdentities + 5; ++i) world.refuse("token " + std::to_string(i));
  EXPECT_EQ(world.events().size(), Denials::kIdentities);
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(1);
  world.refuse("one more", "in the next minute");
  world.flush();
  ASSERT_EQ(world.events().size(), Denials::kIdentities + 1) << "nor is one more in the next minute, before the first are forgotten";
  EXPECT_EQ(world.events().back().first, "denials");
  EXPECT_EQ(world.events().back().second.count, 5U);
  world.refuse("one more");
  EXPECT_EQ(world.events().back().first, "one more");
}

TEST(Denials, WhatShowsASecretIsLeftOutAndWhatCannotBePrintedIsEscaped) {
  World world;
  world.refuse("a", "there is no member qlk_0123_secret");
  world.refuse("a", "there is no member \x1b[31m");
  EXPECT_EQ(world.events()[0].second.detail.find("qlk_"), std::string::npos);
  EXPECT_EQ(world.events()[1].second.detail, "there is no member \\u{1b}[31m");
}

TEST(Denials, ANewMinuteClosesTheOldOneAlsoWithoutAFlush) {
  World world;
  for (int i = 0; i < 12; ++i) world.refuse("a");
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(1);
  world.refuse("a", "in the next minute");
  const auto events = world.events();
  ASSERT_EQ(events.size(), 12U);
  EXPECT_EQ(events[10].second.count, 2U);
  EXPECT_EQ(events[11].second.count, 1U);
  EXPECT_EQ(events[11].second.detail, "in the next minute");
}

TEST(Denials, AQuietMinuteWritesNothing) {
  World world;
  world.refuse("a");
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(1);
  world.flush();
  EXPECT_EQ(world.events().size(), 1U);
}

TEST(Denials, DetailsAreCutAtFiveHundredCharactersAndNeverInsideOne) {
  World world;
  std::string umlauts;
  for (int i = 0; i < 501; ++i) umlauts += "\xc3\xbc";
  world.refuse("a", umlauts);
  EXPECT_EQ(world.events().front().second.detail, umlauts.substr(0, 1000));
}

TEST(Denials, ALogThatFailsIsNotTheCallersProblem) {
  World world;
  world.log->inject(eventlog::MemoryLog::Fault::not_persisted);
  world.refuse("a");
  EXPECT_TRUE(world.events().empty());
  world.refuse("a");
  EXPECT_EQ(world.events().size(), 1U);
}

}  // namespace
}  // namespace quicklime::access
