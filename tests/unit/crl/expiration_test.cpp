// When the crl role says what has ended, and when no clock makes it say so.
#include "crl/expiration.hpp"

#include "ca/expiry.hpp"
#include "crl/definition.hpp"
#include "crl/service.hpp"
#include "crl/settings.hpp"
#include "runtime/shared_settings.hpp"
#include "support/installation.hpp"

namespace quicklime::crl {
namespace {

constexpr std::chrono::hours kDay{24};

class ExpirationTest : public ::testing::Test {
 protected:
  ExpirationTest() : process(installation, definition()) { process.start({}); }

  // Time goes on for everyone, and is looked at on the way.
  void pass(Milliseconds time) {
    installation.clock.advance(time);
    passed += time;
    look();
  }
  void look() {
    installation.append(events::RequestDenied{"GET /", "test", "", 1});  // somebody writes
    const auto end = installation.log->end().value();
    process.reach({0, end.offset - 1});
    ASSERT_TRUE(test::Process::eventually([&] {
      const auto meta = async::run_to_end(process.view.meta());
      if (!meta) return false;
      const auto age = installation.clock.now() - meta->caught_up_at;
      return age >= Milliseconds(0) && age < Seconds(1);
    }));
    async::run_to_end(clocks.look());
  }
  bool say() {
    const auto said = async::run_to_end(expiration.look());
    EXPECT_TRUE(said) << said.error().detail;
    return said.value_or(false);
  }
  std::vector<events::CertificatesExpired> said() {
    std::vector<events::CertificatesExpired> list;
    for (std::uint64_t offset = 0; offset < installation.log->end()->offset; ++offset) {
      const auto event = events::decode(installation.log->read_one(offset)->bytes);
      if (const auto* expired = std::get_if<events::CertificatesExpired>(&event->data)) list.push_back(*expired);
    }
    return list;
  }

  test::Installation installation;
  test::Process process;
  Milliseconds passed{0};  // beside the time that this test takes
  runtime::ClockWatch clocks{
      process.context().log, process.view, process.context().clock, process.pools.log, process.metrics, Seconds(5), [this] {
        return std::chrono::steady_clock::now() + passed;
      }};
  Expiration expiration{process.context(), clocks};
};

TEST_F(ExpirationTest, AfterADayOfAgreementOnceADay) {
  look();
  EXPECT_FALSE(say());
  pass(std::chrono::hours(23));
  EXPECT_FALSE(say());
  pass(std::chrono::hours(1));
  EXPECT_TRUE(say());
  EXPECT_FALSE(say());
  pass(std::chrono::hours(2));
  for (int hour = 0; hour < 48; ++hour) {
    pass(std::chrono::hours(1));
    say();
  }
  const auto events = said();
  // Three days in all, with three or four midnights.
  EXPECT_GE(events.size(), 3U);
  EXPECT_LE(events.size(), 4U);
  for (std::size_t i = 1; i < events.size(); ++i) EXPECT_EQ(events[i].ended_before - events[i - 1].ended_before, kDay);
  for (const auto& event : events) {
    EXPECT_EQ(event.ended_before.seconds() % 86'400, 0);
    EXPECT_EQ(event.inventory_before.value().seconds() % 86'400, 0);
  }
  const auto ago = installation.clock.now() - events.back().ended_before;
  EXPECT_GE(ago, 7 * kDay + kDay) << "a certificate may be renewed for seven days after its end";
  EXPECT_LE(ago, 10 * kDay);
}

TEST_F(ExpirationTest, AClockThatWasSetBeginsTheDayAnew) {
  look();
  pass(std::chrono::hours(23));
  installation.clock.advance(kDay * 365);  // and no time has passed
  look();
  EXPECT_NE(clocks.disagreement().find("since the last look"), std::string::npos) << clocks.disagreement();
  pass(std::chrono::hours(2));
  EXPECT_FALSE(say());
  installation.clock.advance(-kDay * 365);
  look();
  EXPECT_FALSE(say());
  pass(std::chrono::hours(1));
  EXPECT_EQ(clocks.disagreement(), "") << "what was written meanwhile is no longer the newest";
  pass(std::chrono::hours(22));
  EXPECT_FALSE(say());
  pass(std::chrono::hours(1));
  EXPECT_TRUE(say());
}

TEST_F(ExpirationTest, AClockThatWasSetSinceTheLastLookIsNoticedBeforeAnythingIsSaid) {
  look();
  pass(kDay);
  installation.clock.advance(400 * kDay);  // and nobody has looked since
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(say());
    std::this_thread::sleep_for(Milliseconds(10));
  }
  EXPECT_TRUE(said().empty());
}

TEST_F(ExpirationTest, ClocksThatNobodyCouldCompareForLongDoNotAgree) {
  look();
  pass(kDay);
  passed += Seconds(31);
  installation.clock.advance(Seconds(31));
  EXPECT_EQ(clocks.agreed_for(), Milliseconds(0));
}

TEST_F(ExpirationTest, WhatWasNamedTooEarlyIsNotNamedAgain) {
  look();
  installation.append(events::CertificatesExpired{installation.clock.now() + 300 * kDay});
  pass(kDay);
  EXPECT_FALSE(say());
  EXPECT_EQ(said().size(), 1U);
}

TEST_F(ExpirationTest, AStaleViewIsNoGround) {
  look();
  pass(kDay);
  process.runner.pause_for_test(true);
  installation.clock.advance(Seconds(6));
  EXPECT_FALSE(say());
}

TEST_F(ExpirationTest, ALongerRenewalOfWhatHasEndedKeepsItLonger) {
  process.configuration.of<runtime::SharedSettings>().renewal_after_expiry = 30 * kDay;
  look();
  pass(kDay);
  ASSERT_TRUE(say());
  EXPECT_GE(installation.clock.now() - said().front().ended_before, 31 * kDay);
}

TEST_F(ExpirationTest, NoRetentionKeepsTheInventoryWhole) {
  process.configuration.of<Settings>().inventory_retention = Milliseconds(0);
  look();
  pass(kDay);
  ASSERT_TRUE(say());
  EXPECT_FALSE(said().front().inventory_before);
}

TEST_F(ExpirationTest, ManyThatEndedAreTakenInSeveralSteps) {
  for (int i = 0; i < 40'000; ++i) {
    // As issued, for what this view looks at.
    eventlog::Draft draft{.actor = {events::Actor::Kind::process, "test"},
                          .cause = {RequestId("test")},
                          .data = events::CertificateIssued{.authority = installation.issuing.id,
                                                            .serial = crypto::random_serial_number(),
                                                            .certificate = "x",
                                                            .profile = "tls-server",
                                                            .profile_sha256 = "",
                                                            .names = {},
                                                            .not_before = installation.clock.now() - 20 * kDay,
                                                            .not_after = installation.clock.now() - 19 * kDay,
                                                            .key_sha256 = "",
                                                            .service = {},
                                                            .node = {},
                                                            .renewal_challenge = "",
                                                            .revocation_key = "",
                                                            .replaces = {}}};
    ASSERT_TRUE(async::run_to_end(installation.writer.append(std::move(draft))));
  }
  look();
  pass(kDay);
  int steps = 0;
  while (say()) {
    ++steps;
    look();
    ASSERT_LE(steps, 5);
  }
  EXPECT_EQ(steps, 3);
  for (const auto& event : said()) EXPECT_EQ(event.ended_before, said().front().ended_before);
}

}  // namespace
}  // namespace quicklime::crl
