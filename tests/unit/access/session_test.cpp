#include "access/session.hpp"

#include <gtest/gtest.h>

#include "fixture.hpp"

namespace quicklime::access {
namespace {

using Kind = events::Actor::Kind;
const UserId kAlice("local:alice");

class Sessions : public ::testing::Test {
 protected:
  NewSession sign_in(const UserId& user, std::uint64_t user_version, std::uint64_t provider_version = 0, events::Actor by = kIdentity) {
    NewSession session = make_session();
    world.fold(events::SessionCreated{.session = session.id,
                                      .secret_sha256 = session.secret_sha256,
                                      .user = user,
                                      .name = "Alice",
                                      .method = "password",
                                      .provider = std::string(provider_of(user.text())),
                                      .role = "requester",
                                      .profiles = {"tls-server"},
                                      .names = {"*.internal"},
                                      .user_version = user_version,
                                      .provider_version = provider_version,
                                      .not_after = world.clock.now_ + std::chrono::minutes(30),
                                      .ends = world.clock.now_ + std::chrono::hours(8),
                                      .failures = 0},
               std::move(by), 3);
    return session;
  }
  std::uint64_t create_alice(events::Actor by = {Kind::control, "root"}) {
    const std::uint64_t version = world.next();
    world.fold(events::UserCreated{kAlice, "Alice", "requester", {"tls-server"}, {"*.internal"}}, std::move(by), 3);
    return version;
  }
  // "live", or why it is refused.
  std::string state_of(const NewSession& session) {
    auto authenticator = session_authenticator(world.view, world.clock, std::chrono::seconds(5));
    const auto recognised = async::run_to_end(authenticator->recognise(test::bearer(session.text.reveal())));
    if (!recognised) return "not a session";
    return recognised->identity ? "live" : recognised->identity.error().reason;
  }

  inline static const events::Actor kIdentity{Kind::process, "identity"};
  test::TokenView world;
};

TEST_F(Sessions, ALiveOneIsItsUserWithWhatWasGranted) {
  const auto session = sign_in(kAlice, create_alice());
  auto authenticator = session_authenticator(world.view, world.clock, std::chrono::seconds(5));
  const auto recognised = async::run_to_end(authenticator->recognise(test::bearer(session.text.reveal())));
  ASSERT_TRUE(recognised && recognised->identity) << state_of(session);
  const Identity& who = *recognised->identity;
  EXPECT_EQ(who.actor, (events::Actor{Kind::user, "local:alice", session.id.text()}));
  EXPECT_EQ(who.role, Role::requester);
  EXPECT_EQ(who.profiles, std::vector<std::string>{"tls-server"});
}

TEST_F(Sessions, AnotherSecretIsAsUnknownAsAnotherId) {
  const auto session = sign_in(kAlice, create_alice());
  EXPECT_EQ(state_of(make_session()), "session-unknown");
  std::string wrong(session.text.reveal());
  wrong.back() = wrong.back() == '0' ? '1' : '0';
  EXPECT_EQ(state_of({session.id, Secret::copy_of(wrong), ""}), "session-unknown");
}

TEST_F(Sessions, WhateverChangesTheirPersonEndsThem) {
  const std::vector<events::Data> changes{
      events::UserChanged{kAlice, "Alice", "auditor", {}, {}},
      events::UserDisabled{kAlice},
      events::UserEnabled{kAlice},
      events::UserPasswordSet{kAlice, "k", "sealed"},
  };
  std::uint64_t version = create_alice();
  for (const auto& change : changes) {
    world.fold(events::UserEnabled{kAlice}, {Kind::control, "root"}, 3);
    version = world.next() - 1;
    const auto session = sign_in(kAlice, version);
    ASSERT_EQ(state_of(session), "live");
    world.fold(change, {Kind::control, "root"}, 3);
    EXPECT_EQ(state_of(session), "session-ended") << change.index();
  }
}

TEST_F(Sessions, ARuleOfTheirProviderEndsThemAndNobodyElses) {
  const auto of_acme = sign_in(UserId("acme:bob"), 0);
  const auto of_other = sign_in(UserId("other:bob"), 0);
  world.fold(events::RuleSet{RuleId("admins"), "acme", {"groups=admins"}, "administrator", {}, {}}, {Kind::control, "root"}, 3);
  EXPECT_EQ(state_of(of_acme), "session-ended");
  EXPECT_EQ(state_of(of_other), "live");
}

TEST_F(Sessions, OneThatWasJudgedByAnOlderVersionIsBornDead) {
  const auto old = create_alice();
  world.fold(events::UserPasswordSet{kAlice, "k", "sealed"}, {Kind::control, "root"}, 3);
  EXPECT_EQ(state_of(sign_in(kAlice, old)), "session-ended") << "the old password against a change of it: the first in the log wins";
  world.fold(events::UserDisabled{UserId("acme:bob")}, {Kind::control, "root"}, 3);
  EXPECT_EQ(state_of(sign_in(UserId("acme:bob"), 0)), "session-ended");
}

TEST_F(Sessions, WhatADeadSessionGivesDoesNotStand) {
  const auto session = sign_in(kAlice, create_alice());
  const events::Actor alice{Kind::user, "local:alice", session.id.text()};
  world.fold(events::UserDisabled{kAlice}, {Kind::control, "root"}, 3);
  const UserId bob("local:bob");
  world.fold(events::UserCreated{bob, "Bob", "administrator", {}, {}}, alice, 3);
  EXPECT_FALSE(world.store->load({user_key(bob)})->front()) << "nobody was made";
  world.fold(events::RuleSet{RuleId("r"), "acme", {"groups=x"}, "administrator", {}, {}}, alice, 3);
  EXPECT_FALSE(world.store->load({provider_key("acme")})->front());
  world.fold(events::UserEnabled{kAlice}, alice, 3);
  EXPECT_FALSE(decode_user_standing(world.store->load({user_key(kAlice)})->front())->enabled) << "nobody enables himself";
  EXPECT_EQ(state_of(sign_in(bob, 0, 0, alice)), "session-ended");
  const NewToken token = make_token();
  world.fold(events::TokenCreated{.token = token.id,
                                  .name = "t",
                                  .secret_sha256 = token.secret_sha256,
                                  .role = "administrator",
                                  .profiles = {},
                                  .names = {},
                                  .not_after = world.clock.now_ + std::chrono::hours(1)},
             alice, 3);
  EXPECT_FALSE(token_is_live(world.store->load({token_key(token.id)})->front()));
}

TEST_F(Sessions, ARestoreEndsAllThatWereThereAndNoneThatComes) {
  const auto before = sign_in(UserId("acme:bob"), 0);
  world.fold(events::LogRestored{1}, {Kind::process, "quicklime"}, 3);
  EXPECT_EQ(state_of(before), "session-ended");
  EXPECT_EQ(state_of(sign_in(UserId("acme:bob"), 0)), "live");
}

TEST_F(Sessions, ACertificateThatIsRevokedOrHeldEndsThoseThatItMade) {
  const auto serial = *SerialNumber::from_hex("0a");
  const auto session = sign_in(UserId("certificate:0a"), 0);
  ASSERT_EQ(state_of(session), "live");
  world.fold(events::CertificateHeld{serial, AuthorityId("issuing-1")}, {Kind::control, "root"}, 3);
  EXPECT_EQ(state_of(session), "session-ended");
}

TEST_F(Sessions, EndByThemselvesAndAreExtendedWithinTheirEnd) {
  const auto session = sign_in(UserId("acme:bob"), 0);
  const events::Actor bob{Kind::user, "acme:bob", session.id.text()};
  world.clock.now_ = world.clock.now_ + std::chrono::minutes(20);
  ASSERT_TRUE(world.store->caught_up(world.clock.now_));
  world.fold(events::SessionExtended{session.id, world.clock.now_ + std::chrono::hours(24)}, bob, 3);
  world.clock.now_ = world.clock.now_ + std::chrono::hours(7);
  ASSERT_TRUE(world.store->caught_up(world.clock.now_));
  EXPECT_EQ(state_of(session), "live");
  world.clock.now_ = world.clock.now_ + std::chrono::hours(1);
  ASSERT_TRUE(world.store->caught_up(world.clock.now_));
  EXPECT_EQ(state_of(session), "session-expired");
}

TEST_F(Sessions, LeaveTheViewWhenTheyEndedBeyondDoubt) {
  const auto session = sign_in(UserId("acme:bob"), 0);
  world.fold(events::CertificatesExpired{world.clock.now_ + std::chrono::hours(24 * 8)}, {Kind::process, "crl"}, 3);
  EXPECT_FALSE(world.store->load({session_key(session.id)})->front());
}

TEST_F(Sessions, TheSameSeedMakesTheSameSession) {
  const auto one = make_session_from(Secret::copy_of("seed")), again = make_session_from(Secret::copy_of("seed"));
  EXPECT_EQ(one.text.reveal(), again.text.reveal());
  EXPECT_NE(one.text.reveal(), make_session_from(Secret::copy_of("another")).text.reveal());
  EXPECT_EQ(parse_session(one.text.reveal())->secret_sha256, one.secret_sha256);
}

}  // namespace
}  // namespace quicklime::access
