#include <gtest/gtest.h>

#include "installation.hpp"

namespace quicklime::ca {
namespace {

using test::Installation;
using test::issue;
using test::request;

std::size_t sweep(Installation::Process& process) {
  const auto swept = async::run_to_end(process.issuer.sweep());
  EXPECT_TRUE(swept) << swept.error().detail;
  return swept.value_or(0);
}

// A winner and a loser of one command: the loser was signed by another process, and appended after it.
struct Race {
  explicit Race(Installation& ca) {
    const auto one = ca.process(), two = ca.process();
    ca.runner.pause_for_test(true);
    std::thread first([&] { winner.emplace(*issue(one->issuer, request("key"))); });
    const auto before = ca.log->end()->offset;
    test::wait_until([&] { return ca.log->end()->offset == before + 1; }, "the winner's event");
    std::thread second([&] { answered.emplace(*issue(two->issuer, request("key"))); });
    test::wait_until([&] { return ca.log->end()->offset == before + 2; }, "the loser's event");
    ca.runner.pause_for_test(false);
    first.join();
    second.join();
    loser = ca.events_of<events::CertificateIssued>().back().serial;
  }
  std::optional<Issued> winner, answered;
  std::optional<SerialNumber> loser;
};

TEST(Sweep, RevokesTheLoserAndNeverWhatWasAnswered) {
  Installation ca;
  const auto process = ca.process();
  const auto plain = issue(process->issuer, request());
  ASSERT_TRUE(plain);
  Race race(ca);
  ASSERT_EQ(race.winner->serial, race.answered->serial);
  ASSERT_NE(*race.loser, race.winner->serial);
  EXPECT_EQ(sweep(*process), 1U);
  EXPECT_EQ(ca.record(*race.loser).status.kind, Status::Kind::revoked);
  EXPECT_EQ(ca.record(race.winner->serial).status.kind, Status::Kind::good);
  EXPECT_EQ(ca.record(plain->serial).status.kind, Status::Kind::good);
  const auto revocations = ca.events_of<events::CertificateRevoked>();
  ASSERT_EQ(revocations.size(), 1U);
  EXPECT_EQ(revocations[0].serial, *race.loser);
  EXPECT_EQ(revocations[0].reason, "superseded");
  EXPECT_EQ(revocations[0].lost_to, ca.events()[race.winner->position.offset].id);
  EXPECT_EQ(ca.events().back().actor, (events::Actor{events::Actor::Kind::process, "sweep"}));
  EXPECT_EQ(sweep(*process), 0U);
}

TEST(Sweep, AppendsOncePerSerialAlsoWhileTheViewHasNotSeenIt) {
  Installation ca;
  const auto process = ca.process();
  Race race(ca);
  ca.wait_until_fresh();
  ca.runner.pause_for_test(true);
  EXPECT_EQ(sweep(*process), 1U);
  EXPECT_EQ(sweep(*process), 0U);
  ca.runner.pause_for_test(false);
  ca.wait_for_all();
  EXPECT_EQ(sweep(*process), 0U);
  EXPECT_EQ(ca.events_of<events::CertificateRevoked>().size(), 1U);
}

TEST(Sweep, AStaleViewIsNoGround) {
  Installation ca;
  const auto process = ca.process();
  Race race(ca);
  ca.runner.pause_for_test(true);
  ca.clock.move(Seconds(6));
  const auto swept = async::run_to_end(process->issuer.sweep());
  ASSERT_FALSE(swept);
  EXPECT_EQ(swept.error().reason, "view-stale");
  EXPECT_TRUE(ca.events_of<events::CertificateRevoked>().empty());
}

TEST(Sweep, ALoserIsRevokedHoweverLateItIsFound) {
  Installation ca;
  const auto process = ca.process();
  Race race(ca);
  ca.clock.move(std::chrono::hours(24 * 30));
  ca.wait_until_fresh();
  EXPECT_EQ(sweep(*process), 1U) << "else two good certificates stand for one key";
  EXPECT_EQ(ca.record(*race.loser).status.kind, Status::Kind::revoked);
}

TEST(Sweep, AnAppendThatFailsIsTriedAgain) {
  for (const auto fault : {eventlog::MemoryLog::Fault::not_persisted, eventlog::MemoryLog::Fault::unknown_not_persisted,
                           eventlog::MemoryLog::Fault::unknown_persisted, eventlog::MemoryLog::Fault::written_twice}) {
    Installation ca;
    const auto process = ca.process();
    Race race(ca);
    ca.log->inject(fault);
    (void)async::run_to_end(process->issuer.sweep());
    ca.wait_for_all();
    (void)async::run_to_end(process->issuer.sweep());
    EXPECT_EQ(ca.record(*race.loser).status.kind, Status::Kind::revoked) << "fault " << static_cast<int>(fault);
    EXPECT_EQ(ca.record(race.winner->serial).status.kind, Status::Kind::good);
  }
}

TEST(Sweep, ARefusalSpeaksTheWordsOfRfc5280) {
  Installation ca;
  const auto process = ca.process();
  ca.make_token("t");
  ca.runner.pause_for_test(true);
  ca.append(events::TokenRevoked{TokenId("t")});
  std::thread asking([&] { EXPECT_FALSE(issue(process->issuer, request("key"), test::token("t"))); });
  test::wait_until([&] { return ca.events_of<events::CertificateIssued>().size() == 1; }, "its event");
  ca.runner.pause_for_test(false);
  asking.join();
  EXPECT_EQ(sweep(*process), 1U);
  const auto revocations = ca.events_of<events::CertificateRevoked>();
  ASSERT_EQ(revocations.size(), 1U);
  EXPECT_EQ(revocations[0].reason, "privilegeWithdrawn");
  EXPECT_FALSE(revocations[0].lost_to);
}

TEST(Sweep, GoesThroughEveryPage) {
  Installation ca;
  const auto process = ca.process();
  ca.make_token("t");
  ca.wait_for(ca.append(events::TokenRevoked{TokenId("t")}));
  // The view knows of the revocation; these were written by a process that did not.
  for (int i = 0; i < 230; ++i) {
    eventlog::Draft draft{.actor = {events::Actor::Kind::token, "t"},
                          .cause = {RequestId("r")},
                          .once = {"command:" + std::string(61, 'a') + std::to_string(100 + i)},
                          .body = std::string(64, 'b'),
                          .data = events::CertificateIssued{.authority = AuthorityId("issuing-1"),
                                                            .serial = crypto::random_serial_number(),
                                                            .certificate = "x",
                                                            .profile = "tls-server",
                                                            .profile_sha256 = std::string(64, '0'),
                                                            .names = {"DNS:api.internal"},
                                                            .not_before = ca.clock.now(),
                                                            .not_after = ca.clock.now() + std::chrono::hours(1),
                                                            .key_sha256 = std::string(64, '0'),
                                                            .service = {},
                                                            .node = {},
                                                            .renewal_challenge = "c",
                                                            .revocation_key = "k",
                                                            .replaces = {}}};
    ASSERT_TRUE(async::run_to_end(process->writer.append(std::move(draft))));
  }
  ca.wait_for_all();
  EXPECT_EQ(sweep(*process), 230U);
  ca.wait_for_all();
  EXPECT_EQ(sweep(*process), 0U);
}

}  // namespace
}  // namespace quicklime::ca
