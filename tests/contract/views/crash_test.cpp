// Kills a process that applies, at every crash point it passes, and looks at what it leaves.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "async/task.hpp"
#include "backend.hpp"
#include "views/sqlite_store.hpp"

// Where the names stand; the linker gives a section's bounds under these names.
extern "C" const char __start_quicklime_crash_points[];  // NOLINT(bugprone-reserved-identifier)
extern "C" const char __stop_quicklime_crash_points[];   // NOLINT(bugprone-reserved-identifier)

namespace quicklime::views::contract {
namespace {

constexpr std::uint64_t kSteps = 4;

Result<void> step(ViewStore& store, std::uint64_t to) {
  const auto at = [](std::uint64_t offset) { return eventlog::Anchor{LogId("log"), Position{0, offset}, {}, {}}; };
  Changes changes;
  changes.points[PointKey{"status", "last"}] = std::to_string(to);
  changes.index[PointKey{"by_name", std::to_string(to)}] = true;
  return store.apply(to == 0 ? std::nullopt : std::optional(Position{0, to - 1}), changes, State{at(to), 1, ""});
}

// From where the view stands to the last step, and then once from the start.
bool run_all(const std::filesystem::path& file) {
  const TestClock clock;
  auto store = open_sqlite_store(file, kSpaces, clock);
  if (!store) return false;
  for (int round = 0; round < 2; ++round) {
    if (round > 0 && !(*store)->reset()) return false;
    const auto state = (*store)->state();
    if (!state) return false;
    for (std::uint64_t to = *state ? (*state)->anchor.position.offset + 1 : 0; to < kSteps; ++to) {
      if (!step(**store, to)) return false;
    }
  }
  return true;
}

TEST(Crash, AViewIsOfOneStepOrTheNextWhereverItDies) {
  std::set<std::string> points;
  for (const char* at = __start_quicklime_crash_points; at < __stop_quicklime_crash_points;) {
    const std::string name(at);
    at += name.empty() ? 1 : name.size();
    if (name.starts_with("view.") || name.starts_with("sqlite.")) points.insert(name);
  }
  ASSERT_TRUE(points.contains("view.apply.before") && points.contains("view.create.after") && points.contains("view.reset.after"));
  std::set<std::string> met;
  for (const std::string& point : points) {
    for (int passage = 1; passage <= 3; ++passage) {
      std::string directory = (std::filesystem::temp_directory_path() / "crash-XXXXXX").string();
      ASSERT_NE(::mkdtemp(directory.data()), nullptr);
      const std::string file = directory + "/view.db";
      const std::string at = point + ":" + std::to_string(passage);
      const pid_t child = ::fork();
      if (child == 0) {
        ::setenv("QUICKLIME_CRASH_AT", at.c_str(), 1);
        ::execl("/proc/self/exe", "crash", kApplyElsewhere, file.c_str(), nullptr);
        ::_exit(127);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 137 || WEXITSTATUS(status) == 0)) << at << ": " << status;
      if (WEXITSTATUS(status) == 137) met.insert(point);

      {
        const TestClock clock;
        auto store = open_sqlite_store(file, kSpaces, clock);
        ASSERT_TRUE(store) << at << ": " << store.error().detail;
        const auto state = (*store)->state();
        ASSERT_TRUE(state) << at;
        std::string expected = "position empty\n";
        if (*state) {
          const std::string last = std::to_string((*state)->anchor.position.offset);
          expected.clear();
          for (std::uint64_t i = 0; i <= (*state)->anchor.position.offset; ++i) expected += "by_name 3" + std::to_string(i) + "\n";
          expected += "status 6c617374 3" + last + "\nposition 0." + last + "\n";
        }
        EXPECT_EQ(*(*store)->dump(), expected) << at;
      }
      EXPECT_TRUE(run_all(file)) << at;
      std::filesystem::remove_all(directory);
    }
  }
  EXPECT_EQ(met, points);  // none is a name that nothing passes
}

}  // namespace

int apply_elsewhere_main(const char* file) { return run_all(file) ? 0 : 1; }

}  // namespace quicklime::views::contract
