// Kills a process that appends, at every crash point it passes, and looks at what it leaves.

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "backend.hpp"
#include "eventlog/sqlite_log.hpp"

// Where the names stand; the linker gives a section's bounds under these names.
extern "C" const char __start_quicklime_crash_points[];  // NOLINT(bugprone-reserved-identifier)
extern "C" const char __stop_quicklime_crash_points[];   // NOLINT(bugprone-reserved-identifier)

namespace quicklime::eventlog::contract {
namespace {

constexpr int kEvents = 6;

std::set<std::string> crash_points(const std::vector<std::string>& prefixes) {
  std::set<std::string> names;
  for (const char* at = __start_quicklime_crash_points; at < __stop_quicklime_crash_points;) {
    const std::string name(at);
    at += name.empty() ? 1 : name.size();
    for (const std::string& prefix : prefixes) {
      if (name.starts_with(prefix)) names.insert(name);
    }
  }
  return names;
}

class Crash : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "crash-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    ASSERT_TRUE(create_sqlite_log(file(), kLogId, kFirst));
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  std::filesystem::path file() const { return directory_ / "log.db"; }

  // Another process appends kEvents, one after the other, and is killed at this passage of this point. The number
  // of events it was told are durable; nullopt when it came to its end.
  std::optional<int> append_until(const std::string& point) {
    int told[2];
    EXPECT_EQ(::pipe(told), 0);
    const std::string setting = "QUICKLIME_CRASH_AT=" + point;
    std::vector<std::string> words{"/proc/self/exe", kAppendElsewhere, file().string()};
    for (int i = 1; i <= kEvents; ++i) words.push_back("event " + std::to_string(i));
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    std::vector<char*> environment;
    for (char** entry = environ; *entry != nullptr; ++entry) environment.push_back(*entry);
    environment.push_back(const_cast<char*>(setting.c_str()));
    environment.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(told[1], STDOUT_FILENO);
      ::execve(arguments[0], arguments.data(), environment.data());
      ::_exit(127);
    }
    ::close(told[1]);
    int count = 0;
    for (char mark = 0; ::read(told[0], &mark, 1) == 1;) ++count;
    ::close(told[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && (WEXITSTATUS(status) == 137 || WEXITSTATUS(status) == 0)) << point << ": " << status;
    return WEXITSTATUS(status) == 137 ? std::optional(count) : std::nullopt;
  }

  std::filesystem::path directory_;
  metrics::Registry metrics_;
};

TEST_F(Crash, WhatWasAcknowledgedIsInTheLogWhereverItDies) {
  const auto points = crash_points({"log.commit", "sqlite."});
  ASSERT_TRUE(points.contains("log.commit.before") && points.contains("log.commit.after") && points.contains("sqlite.close.after"));
  int killed = 0;
  std::set<std::string> met;
  for (const std::string& point : points) {
    for (int passage = 1; passage <= 4; ++passage) {
      std::filesystem::remove_all(directory_);
      std::filesystem::create_directory(directory_);
      ASSERT_TRUE(create_sqlite_log(file(), kLogId, kFirst));
      const std::string at = point + ":" + std::to_string(passage);
      const auto told = append_until(at);
      if (told) {
        ++killed;
        met.insert(point);
      }
      auto log = open_sqlite_log(file(), {}, metrics_);
      ASSERT_TRUE(log) << at << ": " << log.error().detail;
      const std::uint64_t end = (*log)->end()->offset;
      EXPECT_GE(end, static_cast<std::uint64_t>(1 + told.value_or(kEvents))) << at;
      EXPECT_LE(end, static_cast<std::uint64_t>(1 + kEvents)) << at;
      for (std::uint64_t offset = 1; offset < end; ++offset)
        EXPECT_EQ((*log)->read_one(offset)->bytes, "event " + std::to_string(offset)) << at;
      EXPECT_TRUE(verify_chain(**log)) << at;
      EXPECT_EQ(async::run_to_end((*log)->append("after")), (Position{0, end})) << at;
    }
  }
  EXPECT_EQ(met, points);  // none is a name that nothing passes
  EXPECT_GE(killed, 20);
}

}  // namespace
}  // namespace quicklime::eventlog::contract
