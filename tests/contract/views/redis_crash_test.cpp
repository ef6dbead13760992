// Kills a projector at every crash point of a view in Redis, and looks at what it leaves.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>

#include "backend.hpp"
#include "redis_server.hpp"

// Where the names stand; the linker gives a section's bounds under these names.
extern "C" const char __start_quicklime_crash_points[];  // NOLINT(bugprone-reserved-identifier)
extern "C" const char __stop_quicklime_crash_points[];   // NOLINT(bugprone-reserved-identifier)

namespace quicklime::views::contract {
namespace {

constexpr std::uint64_t kFoldSteps = 4;

bool fold(ViewStore& store) {
  const auto state = store.state();
  if (!state) return false;
  for (std::uint64_t to = *state ? (*state)->anchor.position.offset + 1 : 0; to < kFoldSteps; ++to) {
    Changes changes;
    changes.points[PointKey{"status", "last"}] = std::to_string(to);
    changes.index[PointKey{"by_name", std::to_string(to)}] = true;
    const auto expected = to == 0 ? std::nullopt : std::optional(Position{0, to - 1});
    if (!store.apply(expected, changes, State{eventlog::Anchor{LogId("log"), Position{0, to}, {}, {}}, 1, ""})) return false;
  }
  const auto now = store.now();
  return now && store.caught_up(*now);
}

std::unique_ptr<ViewStore> open(const std::string& socket, RedisRun run) {
  RedisOptions options;
  options.unix_socket = socket;
  options.key_prefix = "test:";
  options.buckets = 4;
  options.keep_old = Milliseconds(0);
  return make_redis_store(std::move(options), "crash", 1, kSpaces, run);
}

// Folds what is missing, and then everything anew beside it.
bool fold_and_rebuild(const std::string& socket) { return fold(*open(socket, RedisRun::follow)) && fold(*open(socket, RedisRun::rebuild)); }

TEST(RedisCrash, AViewIsOfOneStepOrTheNextWhereverItsProjectorDies) {
  std::set<std::string> points;
  for (const char* at = __start_quicklime_crash_points; at < __stop_quicklime_crash_points;) {
    const std::string name(at);
    at += name.empty() ? 1 : name.size();
    if (name.starts_with("redis.")) points.insert(name);
  }
  ASSERT_TRUE(points.contains("redis.apply.before") && points.contains("redis.switch.after"));
  const RedisServer server;
  std::set<std::string> met;
  for (const std::string& point : points) {
    for (int passage = 1; passage <= 6; ++passage) {
      server.ask({"FLUSHALL"});
      const std::string at = point + ":" + std::to_string(passage);
      const std::string socket = server.socket();
      const pid_t child = ::fork();
      if (child == 0) {
        ::setenv("QUICKLIME_CRASH_AT", at.c_str(), 1);
        ::execl("/proc/self/exe", "crash", kApplyInRedis, socket.c_str(), nullptr);
        ::_exit(127);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 137 || WEXITSTATUS(status) == 0)) << at << ": " << status;
      if (WEXITSTATUS(status) == 137) met.insert(point);

      const auto store = open(socket, RedisRun::follow);
      const auto state = store->state();
      ASSERT_TRUE(state) << at;
      std::string expected = "position empty\n";
      if (*state) {
        const std::string last = std::to_string((*state)->anchor.position.offset);
        expected.clear();
        for (std::uint64_t i = 0; i <= (*state)->anchor.position.offset; ++i) expected += "by_name 3" + std::to_string(i) + "\n";
        expected += "status 6c617374 3" + last + "\nposition 0." + last + "\n";
      }
      EXPECT_EQ(*store->dump(), expected) << at;
      EXPECT_TRUE(fold_and_rebuild(socket)) << at;
      EXPECT_TRUE(store->dump()->ends_with("position 0.3\n")) << at;
    }
  }
  EXPECT_EQ(met, points);  // none is a name that nothing passes
}

}  // namespace

int apply_in_redis_main(const char* socket) { return fold_and_rebuild(socket) ? 0 : 1; }

}  // namespace quicklime::views::contract
