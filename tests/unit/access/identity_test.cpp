#include "access/identity.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include "fixture.hpp"

namespace quicklime::access {
namespace {

using test::bearer;
using test::TokenView;

struct AskingWorld : TokenView {
  AskingWorld() {
    std::vector<std::unique_ptr<Authenticator>> list;
    list.push_back(control_socket_authenticator(4242));
    list.push_back(token_authenticator(view, clock, Seconds(5)));
    access = std::make_unique<Access>(std::move(list));
  }
  Result<Identity> identify(const Credentials& credentials) { return async::run_to_end(access->identify(credentials)); }
  std::string refusal(const Credentials& credentials) {
    const auto identity = identify(credentials);
    return identity ? "" : identity.error().reason;
  }
  std::unique_ptr<Access> access;
};

Credentials peer(uid_t uid) {
  Credentials credentials;
  credentials.control_socket_uid = uid;
  return credentials;
}

TEST(Identity, TheOwnerAndRootAreAdministratorOverTheControlSocket) {
  AskingWorld world;
  for (const uid_t uid : {uid_t{0}, uid_t{4242}}) {
    const auto identity = world.identify(peer(uid));
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->role, Role::administrator);
    EXPECT_EQ(identity->actor.kind, events::Actor::Kind::control);
    EXPECT_EQ(identity->profiles, std::vector<std::string>{"*"});
    EXPECT_TRUE(identity->names.permits(*pki::AlternativeName::guess("api.internal")));
  }
  EXPECT_EQ(world.identify(peer(0))->name, "root");
  EXPECT_EQ(world.identify(peer(4242))->name, "uid-4242") << "a user without a name";
  EXPECT_EQ(world.refusal(peer(4243)), "control-socket-denied");
}

TEST(Identity, AControlSocketRefusalIsNotMendedByAToken) {
  AskingWorld world;
  Credentials credentials = bearer(world.make("requester").text.reveal());
  credentials.control_socket_uid = 4243;
  EXPECT_EQ(world.refusal(credentials), "control-socket-denied");
  EXPECT_TRUE(may_use_control_socket(0, 4242));
  EXPECT_TRUE(may_use_control_socket(4242, 4242));
  EXPECT_EQ(may_use_control_socket(4243, 4242).error().reason, "control-socket-denied");
  EXPECT_EQ(may_use_control_socket(std::nullopt, 4242).error().reason, "control-socket-denied");
}

TEST(Identity, ADaemonsTokenIsTakenWhereDaemonsComeAndNobodyElsesIs) {
  AskingWorld world;
  const auto daemon = world.make("process"), administrator = world.make("administrator");
  EXPECT_EQ(world.refusal(bearer(daemon.text.reveal())), "token-not-here");
  EXPECT_EQ(world.refusal(bearer(administrator.text.reveal())), "");
  const auto listener = token_authenticator(world.view, world.clock, Seconds(5), StaleTokens::refused, TokensOf::processes);
  const auto there = [&](const NewToken& token) { return async::run_to_end(listener->recognise(bearer(token.text.reveal())))->identity; };
  EXPECT_EQ(there(daemon)->role, Role::process);
  EXPECT_EQ(there(administrator).error().reason, "token-not-here");
  world.fold(events::TokenRevoked{daemon.id});
  EXPECT_EQ(there(daemon).error().reason, "token-revoked");
}

// As `init --log kafka` made them before roles were named by URIs: for ten years, bound to a DNS name.
TEST(Identity, ADaemonsTokenOfBeforeIsForItsRoleAndEndsAfterAYear) {
  AskingWorld world;
  const auto old = make_token();
  world.fold(events::TokenCreated{.token = old.id,
                                  .name = "bootstrap ocsp",
                                  .secret_sha256 = old.secret_sha256,
                                  .role = "process",
                                  .profiles = {"tls-peer", "ocsp-signing"},
                                  .names = {"ocsp", "localhost", "127.0.0.1"},
                                  .not_after = world.clock.now_ + std::chrono::hours(24 * 3650)},
             {events::Actor::Kind::control, "root"}, 1);
  const auto listener =
      token_authenticator(world.view, world.clock, std::chrono::hours(24 * 3650), StaleTokens::refused, TokensOf::processes);
  const auto there = [&] { return async::run_to_end(listener->recognise(bearer(old.text.reveal())))->identity; };
  ASSERT_TRUE(there());
  EXPECT_EQ(there()->profiles, (std::vector<std::string>{"tls-peer", "ocsp-signing", "role-peer"}));
  EXPECT_TRUE(there()->names.permits(*pki::AlternativeName::guess("quicklime:role/ocsp")));
  EXPECT_FALSE(there()->names.permits(*pki::AlternativeName::guess("quicklime:role/gateway")));
  world.clock.now_ = world.clock.now_ + std::chrono::hours(24 * 365);
  EXPECT_EQ(there().error().reason, "token-expired");
}

TEST(Identity, ATokenIsItsGrant) {
  AskingWorld world;
  const auto token = world.make("requester");
  const auto identity = world.identify(bearer(token.text.reveal()));
  ASSERT_TRUE(identity) << identity.error().detail;
  EXPECT_EQ(identity->actor, (events::Actor{events::Actor::Kind::token, token.id.text()}));
  EXPECT_EQ(identity->name, "ci");
  EXPECT_EQ(identity->role, Role::requester);
  EXPECT_EQ(identity->profiles, std::vector<std::string>{"tls-server"});
  EXPECT_TRUE(identity->names.permits(*pki::AlternativeName::guess("api.internal")));
  EXPECT_FALSE(identity->names.permits(*pki::AlternativeName::guess("api.example")));
}

TEST(Identity, AnAdministratorsTokenIsNotBoundToNames) {
  AskingWorld world;
  const auto identity = world.identify(bearer(world.make("administrator", {}).text.reveal()));
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->profiles, std::vector<std::string>{"*"});
  EXPECT_TRUE(identity->names.permits(*pki::AlternativeName::guess("api.example")));
}

TEST(Identity, ForgedAndUnknownTokensAreUnknownAlike) {
  AskingWorld world;
  const auto token = world.make("requester");
  std::string forged(token.text.reveal());
  forged.back() = forged.back() == '0' ? '1' : '0';
  const auto first = world.identify(bearer(forged)), second = world.identify(bearer(make_token().text.reveal()));
  ASSERT_FALSE(first);
  ASSERT_FALSE(second);
  EXPECT_EQ(first.error().reason, "token-unknown");
  EXPECT_EQ(first.error().code, ErrorCode::unauthenticated);
  EXPECT_EQ(first.error().detail, second.error().detail);
  EXPECT_EQ(world.refusal(bearer("qlk_rubbish")), "token-unknown");
}

TEST(Identity, OnlyTheHolderLearnsWhyATokenIsGoodNoMore) {
  AskingWorld world;
  const auto revoked = world.make("requester");
  world.fold(events::TokenRevoked{revoked.id});
  EXPECT_EQ(world.refusal(bearer(revoked.text.reveal())), "token-revoked");
  std::string forged(revoked.text.reveal());
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(world.refusal(bearer(forged)), "token-unknown");

  const auto expiring = world.make("requester");
  world.clock.now_ = world.clock.now_ + std::chrono::hours(24);
  world.fold(events::LogSealed{});  // the view goes with the time
  EXPECT_EQ(world.refusal(bearer(expiring.text.reveal())), "token-expired");
}

TEST(Identity, WhoeverHoldsADeadTokenIsSomebodyAndWhoeverGuessesIsNobody) {
  AskingWorld world;
  const auto somebody = [&](const Credentials& credentials) { return async::run_to_end(world.access->recognise(credentials)).somebody; };
  const auto revoked = world.make("requester"), expiring = world.make("requester"), of_process = world.make("process");
  world.fold(events::TokenRevoked{revoked.id});
  const auto token = [](const NewToken& made) { return events::Actor{events::Actor::Kind::token, made.id.text()}; };
  EXPECT_EQ(somebody(bearer(revoked.text.reveal())), token(revoked));
  EXPECT_EQ(somebody(bearer(of_process.text.reveal())), token(of_process)) << "which is not taken here";
  std::string forged(revoked.text.reveal());
  forged.back() = forged.back() == '0' ? '1' : '0';
  EXPECT_EQ(somebody(bearer(forged)), std::nullopt);
  EXPECT_EQ(somebody(bearer(make_token().text.reveal())), std::nullopt);
  EXPECT_EQ(somebody(Credentials{}), std::nullopt);
  world.clock.now_ = world.clock.now_ + std::chrono::hours(24);
  world.fold(events::LogSealed{});  // the view goes with the time
  EXPECT_EQ(somebody(bearer(expiring.text.reveal())), token(expiring));
}

TEST(Identity, AStaleOrMissingViewAnswersNothing) {
  AskingWorld world;
  EXPECT_EQ(world.refusal(bearer(make_token().text.reveal())), "view-missing");
  const auto token = world.make("requester");
  world.clock.now_ = world.clock.now_ + Seconds(6);
  EXPECT_EQ(world.refusal(bearer(token.text.reveal())), "view-stale");
  EXPECT_EQ(world.refusal(bearer(make_token().text.reveal())), "view-stale");
}

TEST(Identity, WhereListsMayBeOldSoMayTheTokensThatTheyKnow) {
  AskingWorld world;
  const Access lists = [&world] {
    std::vector<std::unique_ptr<Authenticator>> authenticators;
    authenticators.push_back(token_authenticator(world.view, world.clock, Milliseconds(5'000), StaleTokens::known_ones_accepted));
    return Access(std::move(authenticators));
  }();
  const auto known = world.make("requester"), revoked = world.make("requester");
  world.fold(events::TokenRevoked{revoked.id});
  world.clock.now_ = world.clock.now_ + Seconds(6);
  const auto identify = [&](const NewToken& token) { return async::run_to_end(lists.identify(bearer(token.text.reveal()))); };
  EXPECT_TRUE(identify(known));
  EXPECT_EQ(identify(revoked).error().reason, "token-revoked");
  EXPECT_EQ(identify(make_token()).error().reason, "view-stale") << "it may have been made since";
}

TEST(Identity, NobodyIsToldHowToBecomeSomebody) {
  AskingWorld world;
  for (const Credentials& credentials : {Credentials{}, bearer("eyJhbGciOi"), bearer("")}) {
    const auto identity = world.identify(credentials);
    ASSERT_FALSE(identity);
    EXPECT_EQ(identity.error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(identity.error().reason, "unauthenticated");
    EXPECT_NE(identity.error().detail.find("Authorization: Bearer"), std::string::npos);
  }
}

TEST(Roles, RefusalsNameTheRoleThatIsNeeded) {
  const Identity auditor{{events::Actor::Kind::token, "t"}, "ci", Role::auditor, {}, ca::NamePolicy::everything()};
  EXPECT_TRUE(require(auditor, {Role::administrator, Role::auditor}));
  const auto refused = require(auditor, {Role::administrator, Role::requester});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::denied);
  EXPECT_EQ(refused.error().reason, "role-denied");
  EXPECT_NE(refused.error().detail.find("administrator or requester"), std::string::npos) << refused.error().detail;
}

}  // namespace
}  // namespace quicklime::access
