// The rebuild beside the readers, another version beside the old one, and what becomes of what is no longer read.

#include "redis_fixture.hpp"
#include "redis_proxy.hpp"

namespace quicklime::views::contract {
namespace {

using namespace std::chrono_literals;

TEST_F(RedisStore, ARebuildIsReadFromTheSwitchOnAndTheOldOneGoesLater) {
  RedisOptions fast = server_.options();
  fast.keep_old = 400ms;
  const auto live = open();
  ASSERT_TRUE(apply(*live, 0, "old zero"));
  ASSERT_TRUE(apply(*live, 1, "old one"));
  const auto rebuild = open(std::move(fast), RedisRun::rebuild);
  ASSERT_FALSE(rebuild->state()->has_value());
  EXPECT_EQ(*rebuild->dump(), "position empty\n");
  ASSERT_TRUE(apply(*rebuild, 0, "new zero"));
  EXPECT_EQ(value(*live), "old one");
  EXPECT_EQ((*live->state())->anchor.position, (Position{0, 1}));
  EXPECT_EQ(rebuild->load({{"status", "a"}})->at(0), "new zero");
  // What is read never goes back.
  EXPECT_EQ(rebuild->caught_up(*rebuild->now()).error().reason, "view-moved");
  EXPECT_EQ(value(*live), "old one");
  ASSERT_TRUE(apply(*rebuild, 1, "new one"));
  ASSERT_TRUE(rebuild->caught_up(*rebuild->now()));
  const std::size_t both = keys();
  EXPECT_EQ(value(*live), "new one");
  EXPECT_EQ((*rebuild->state())->anchor.position, (Position{0, 1}));
  // The live runner goes on, in the new place.
  ASSERT_TRUE(apply(*live, 2, "two"));
  EXPECT_EQ(value(*rebuild), "two");
  EXPECT_EQ(apply(*rebuild, 2, "also two").error().reason, "view-moved");
  ASSERT_TRUE(rebuild->state());
  EXPECT_TRUE(eventually([&] {
    (void)rebuild->caught_up(*rebuild->now());
    return keys() < both;
  }));
  EXPECT_EQ(server_.ask({"EXISTS", "test:{ocsp:v1}:old"}).integer, 0);
  EXPECT_EQ(value(*live), "two");
  EXPECT_EQ(*live->dump(), *rebuild->dump());
}

TEST_F(RedisStore, ARebuildThatDiedIsBegunAnew) {
  const auto live = open();
  ASSERT_TRUE(apply(*live, 0, "old"));
  const std::size_t before = keys();
  {
    const auto dying = open(RedisRun::rebuild);
    ASSERT_TRUE(dying->state());
    ASSERT_TRUE(apply(*dying, 0, "half"));
    ASSERT_GT(keys(), before);
  }
  RedisOptions fast = server_.options();
  fast.keep_old = 0ms;
  const auto rebuild = open(std::move(fast), RedisRun::rebuild);
  ASSERT_FALSE(rebuild->state()->has_value());
  ASSERT_TRUE(apply(*rebuild, 0, "whole"));
  ASSERT_TRUE(rebuild->caught_up(*rebuild->now()));
  EXPECT_EQ(value(*live), "whole");
  EXPECT_TRUE(eventually([&] {
    (void)rebuild->caught_up(*rebuild->now());
    return keys() == before;
  }));
}

TEST_F(RedisStore, ASwitchOfUnknownOutcomeIsSettledByTheState) {
  const auto live = open();
  ASSERT_TRUE(apply(*live, 0, "old"));
  const auto first = open(RedisRun::rebuild);
  ASSERT_TRUE(first->state());
  ASSERT_TRUE(apply(*first, 0, "old"));
  ASSERT_TRUE(first->caught_up(Instant::from_milliseconds(5)));  // the server knows the script
  RedisProxy proxy(server_.socket(), (server_.directory() / "proxy.sock").string());
  for (const bool with_effect : {false, true}) {
    RedisOptions options = server_.options();
    options.unix_socket = proxy.socket();
    const auto rebuild = open(std::move(options), RedisRun::rebuild);
    ASSERT_TRUE(rebuild->state());
    ASSERT_TRUE(apply(*rebuild, 0, with_effect ? "new" : "never"));
    ASSERT_TRUE(rebuild->now());
    proxy.lose_next("EVALSHA", with_effect);
    ASSERT_FALSE(rebuild->caught_up(Instant::from_milliseconds(5)));
    EXPECT_EQ(value(*live), with_effect ? "new" : "old");
    ASSERT_TRUE(rebuild->state());
    EXPECT_EQ((*rebuild->state())->anchor.position, (Position{0, 0}));
    ASSERT_TRUE(apply(*rebuild, 1, "one"));
    EXPECT_EQ(value(*live), with_effect ? "one" : "old");
  }
}

TEST_F(RedisStore, AnotherVersionIsFoldedBesideAndTheOldOneGoesWhenItsRunnerIsSilent) {
  const auto options = [&] {
    RedisOptions fast = server_.options();
    fast.keep_old = 1'500ms;
    return fast;
  };
  const auto first = open(options(), RedisRun::follow, 1);
  ASSERT_TRUE(apply(*first, 0, "of version 1"));
  ASSERT_TRUE(first->caught_up(*first->now()));
  const auto second = open(options(), RedisRun::follow, 2);
  ASSERT_FALSE(second->state()->has_value());
  ASSERT_TRUE(apply(*second, 0, "of version 2"));
  EXPECT_EQ(value(*first), "of version 1");
  EXPECT_EQ(value(*second), "of version 2");
  // Both go on as long as both are run.
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(first->caught_up(*first->now()));
    ASSERT_TRUE(second->caught_up(*second->now()));
    std::this_thread::sleep_for(200ms);
  }
  EXPECT_EQ(value(*first), "of version 1");
  EXPECT_TRUE(eventually([&] {
    (void)second->caught_up(*second->now());
    return value(*first) == "view-missing";
  }));
  EXPECT_EQ(value(*second), "of version 2");
  EXPECT_TRUE(server_.ask({"KEYS", "test:{ocsp:v1}*"}).list.empty());
}

}  // namespace
}  // namespace quicklime::views::contract
