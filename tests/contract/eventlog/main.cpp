#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <map>
#include <stdexcept>

#include "backend.hpp"

namespace quicklime::eventlog::contract {
namespace {
std::map<std::string, int> cases;
}  // namespace

std::vector<Factory> backends() { return {memory_backend(), sqlite_backend(), kafka_backend()}; }

void count_case(const std::string& backend) { ++cases[backend]; }

void print_cases() {
  for (const auto& [backend, count] : cases) std::printf("contract of the event log: %d cases on %s\n", count, backend.c_str());
}

void run_elsewhere(std::vector<std::string> words) {
  words.insert(words.begin(), "/proc/self/exe");
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const pid_t child = ::vfork();
  if (child == 0) {
    ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (status != 0) throw std::runtime_error("the other process failed");
}

}  // namespace quicklime::eventlog::contract

int main(int count, char** words) {
  using namespace quicklime::eventlog::contract;
  if (count > 2 && std::string_view(words[1]) == kAppendElsewhere) return append_elsewhere_main({words + 2, words + count});
  if (count > 2 && std::string_view(words[1]) == kAppendToTopic) return append_to_topic_main({words + 2, words + count});
  testing::InitGoogleTest(&count, words);
  const int result = RUN_ALL_TESTS();
  print_cases();
  return result;
}
