#include "runtime/process.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "runtime/serving.hpp"

namespace quicklime::runtime {
namespace {

// What changes a process for good happens in a child; its exit status is the answer.
int in_a_child(const std::function<int()>& story) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(story());
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

TEST(Process, AHardenedProcessLeavesNoCoreAndGainsNoPrivileges) {
  EXPECT_EQ(in_a_child([] {
              harden();
              rlimit core{1, 1};
              ::getrlimit(RLIMIT_CORE, &core);
              const bool no_core = core.rlim_cur == 0 && core.rlim_max == 0;
              return no_core && ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 1;
            }),
            0);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST(Process, AHardenedProcessCannotBeTracedByItsUser) {
  EXPECT_EQ(in_a_child([] {
              harden();
              return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
            }),
            0);
}
#endif

TEST(Process, TheHardLimitOfDescriptorsIsTheLimit) {
  EXPECT_EQ(in_a_child([] {
              const rlimit few{100, 300};
              ::setrlimit(RLIMIT_NOFILE, &few);
              return descriptor_limit() == 100 && raise_descriptor_limit() == 300 && descriptor_limit() == 300 ? 0 : 1;
            }),
            0);
}

TEST(Serving, ConnectionsLeaveDescriptorsForEverythingElse) {
  EXPECT_EQ(connections_per_thread(1'048'576, 4), 10'000U);
  for (const std::uint64_t descriptors : {0, 64, 256, 1024}) {
    for (const unsigned threads : {1U, 2U, 16U}) {
      const auto connections = connections_per_thread(descriptors, threads) * threads;
      EXPECT_GE(connections, threads);
      EXPECT_LE(connections, std::max<std::uint64_t>(descriptors * 9 / 10, threads)) << descriptors << " " << threads;
    }
  }
  EXPECT_EQ(connections_per_thread(4'096, 2), (4'096U - 128 - 80) / 2);
}

TEST(Process, AClosedPipeIsAnErrorAndNotTheEnd) {
  EXPECT_EQ(in_a_child([] {
              harden();
              int ends[2];
              if (::pipe(ends) != 0) return 1;
              ::close(ends[0]);
              return ::write(ends[1], "x", 1) == -1 ? 0 : 2;
            }),
            0);
}

TEST(Process, TerminationSignalsWaitUntilSomebodyAsks) {
  for (const int signal : {SIGTERM, SIGINT}) {
    EXPECT_EQ(in_a_child([signal] {
                block_termination_signals();
                ::kill(::getpid(), signal);
                return wait_for_termination_signal() == signal ? 0 : 1;
              }),
              0);
  }
}

TEST(Process, TheVersionNamesTheCommitAndTheLogFormat) {
  EXPECT_THAT(version(), testing::MatchesRegex("[0-9]+\\.[0-9]+\\.[0-9]+ \\(commit ([0-9a-f]+(-dirty)?|unknown), log format 1\\)"));
}

}  // namespace
}  // namespace quicklime::runtime
