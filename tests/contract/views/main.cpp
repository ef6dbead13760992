#include <gtest/gtest.h>

#include <cstdio>
#include <map>

#include "backend.hpp"

namespace quicklime::views::contract {
namespace {
std::map<std::string, int> cases;
}  // namespace

std::vector<Factory> backends() { return {memory_backend(), sqlite_backend(), redis_backend()}; }

void count_case(const std::string& backend) { ++cases[backend]; }

void print_cases() {
  for (const auto& [backend, count] : cases) std::printf("contract of the view store: %d cases on %s\n", count, backend.c_str());
}

}  // namespace quicklime::views::contract

int main(int count, char** words) {
  using namespace quicklime::views::contract;
  if (count == 3 && std::string_view(words[1]) == kApplyElsewhere) return apply_elsewhere_main(words[2]);
  if (count == 3 && std::string_view(words[1]) == kApplyInRedis) return apply_in_redis_main(words[2]);
  testing::InitGoogleTest(&count, words);
  const int result = RUN_ALL_TESTS();
  print_cases();
  return result;
}
