#include "installation/data_directory.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <thread>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::installation {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

// The environment as a test wants it, and as it was afterwards.
class Environment {
 public:
  Environment(const char* name, const char* value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    value == nullptr ? ::unsetenv(name) : ::setenv(name, value, 1);
  }
  ~Environment() { before_ ? ::setenv(name_, before_->c_str(), 1) : ::unsetenv(name_); }

 private:
  const char* name_;
  std::optional<std::string> before_;
};

TEST(FindDataDirectory, TheOptionCountsBeforeTheEnvironment) {
  const Environment variable("QUICKLIME_DATA", "/from/environment");
  EXPECT_EQ(find_data_directory("/from/option").root, "/from/option");
  EXPECT_EQ(find_data_directory("").root, "/from/environment");
}

TEST(FindDataDirectory, IsAbsoluteWithoutATrail) {
  EXPECT_EQ(find_data_directory("data/../ca/").root, std::filesystem::current_path() / "ca");
}

TEST(FindDataDirectory, WithoutAnyWordRootHasOneForTheMachineAndOthersTheirOwn) {
  const Environment variable("QUICKLIME_DATA", nullptr);
  const Environment home("HOME", "/home/ada");
  if (::geteuid() == 0) {
    EXPECT_EQ(find_data_directory("").root, "/var/lib/quicklime");
    return;
  }
  const Environment relative("XDG_DATA_HOME", "to/be/ignored");
  EXPECT_EQ(find_data_directory("").root, "/home/ada/.local/share/quicklime");
  const Environment absolute("XDG_DATA_HOME", "/home/ada/data");
  EXPECT_EQ(find_data_directory("").root, "/home/ada/data/quicklime");
}

class DirectoryLockTest : public testing::Test {
 protected:
  DirectoryLockTest() { std::filesystem::create_directory(data.ca()); }  // what init leaves is not empty

  Result<std::unique_ptr<DirectoryLock>> take(const char* command, Milliseconds patience = 0ms) {
    return DirectoryLock::take(data, command, patience);
  }
  // Another process that holds the lock and waits to be killed.
  pid_t holder_elsewhere() {
    int ready[2];
    EXPECT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      const auto lock = take("quicklime serve");
      (void)!::write(ready[1], lock ? "y" : "n", 1);
      for (;;) ::pause();
    }
    char answer = 'n';
    EXPECT_EQ(::read(ready[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    ::close(ready[0]);
    ::close(ready[1]);
    return child;
  }
  static void kill_hard(pid_t child) {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
  void bind_control_socket() {
    const int descriptor = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, data.control_socket().c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    ::close(descriptor);
  }

  test::TemporaryDirectory temporary;
  DataDirectory data{temporary.path()};
};

TEST_F(DirectoryLockTest, TheSecondIsToldWhoHoldsIt) {
  const auto first = take("quicklime serve");
  ASSERT_TRUE(first) << first.error().detail;
  const auto second = take("quicklime issue");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::conflict);
  EXPECT_EQ(second.error().reason, "data-directory-held");
  EXPECT_THAT(second.error().detail, HasSubstr("pid " + std::to_string(::getpid()) + ", quicklime serve, since 20"));
}

TEST_F(DirectoryLockTest, AnyoneMayAskWhoHoldsIt) {
  EXPECT_EQ(lock_holder(data), std::nullopt);
  auto lock = take("quicklime serve\nand a second line");
  ASSERT_TRUE(lock);
  EXPECT_THAT(lock_holder(data).value_or("nobody"), HasSubstr("quicklime serve and a second line, since"));
  lock->reset();
  EXPECT_EQ(lock_holder(data), std::nullopt);
}

TEST_F(DirectoryLockTest, WhoWaitsHasItAsSoonAsItIsFree) {
  auto first = take("quicklime serve");
  ASSERT_TRUE(first);
  std::thread release([&] {
    std::this_thread::sleep_for(100ms);
    first->reset();
  });
  const auto second = take("quicklime issue", 5s);
  release.join();
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_THAT(lock_holder(data).value_or("nobody"), HasSubstr("quicklime issue"));
}

TEST_F(DirectoryLockTest, AKilledHolderHoldsNothing) {
  const pid_t child = holder_elsewhere();
  EXPECT_FALSE(take("quicklime issue"));
  EXPECT_THAT(lock_holder(data).value_or("nobody"), HasSubstr("pid " + std::to_string(child)));
  kill_hard(child);
  EXPECT_EQ(lock_holder(data), std::nullopt);
  EXPECT_TRUE(take("quicklime issue"));
}

TEST_F(DirectoryLockTest, OnlyTheNewHolderRemovesTheSocketOfADeadOne) {
  const pid_t child = holder_elsewhere();
  bind_control_socket();
  EXPECT_FALSE(take("quicklime issue"));
  EXPECT_TRUE(std::filesystem::exists(data.control_socket())) << "it belongs to the living";
  kill_hard(child);
  EXPECT_TRUE(take("quicklime issue"));
  EXPECT_FALSE(std::filesystem::exists(data.control_socket()));
}

TEST_F(DirectoryLockTest, WhatIsNoSocketIsLeftAlone) {
  ASSERT_TRUE(write_file(data.control_socket(), "precious", FileMode::public_, Overwrite::no));
  EXPECT_TRUE(take("quicklime issue"));
  EXPECT_TRUE(std::filesystem::exists(data.control_socket()));
}

TEST_F(DirectoryLockTest, ALockFileTakenAwayIsNotHeld) {
  const auto first = take("quicklime serve");
  ASSERT_TRUE(first);
  std::thread replace([&] {
    std::this_thread::sleep_for(100ms);
    std::filesystem::remove(data.lock());
  });
  const auto second = take("quicklime issue", 5s);
  replace.join();
  ASSERT_TRUE(second);
  EXPECT_THAT(lock_holder(data).value_or("nobody"), HasSubstr("quicklime issue"));
}

TEST_F(DirectoryLockTest, NoDirectoryOrAnEmptyOneIsNoCa) {
  const DataDirectory missing{data.root / "missing"}, empty{data.root / "ca"};
  for (const DataDirectory& directory : {missing, empty}) {
    const auto lock = DirectoryLock::take(directory, "quicklime serve", 0ms);
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().reason, "data-directory-missing");
    EXPECT_THAT(lock.error().detail, HasSubstr("quicklime init --data " + directory.root.string()));
    EXPECT_FALSE(std::filesystem::exists(directory.lock())) << "it must stay as it was";
  }
}

TEST_F(DirectoryLockTest, TheLockFileIsForItsOwnerAlone) {
  ASSERT_TRUE(take("quicklime serve"));
  struct stat found {};
  ASSERT_EQ(::stat(data.lock().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
}

}  // namespace
}  // namespace quicklime::installation
