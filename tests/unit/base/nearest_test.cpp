#include "base/nearest.hpp"

#include <gtest/gtest.h>

namespace quicklime {
namespace {

const std::vector<std::string> kCommands{"init", "issue", "list", "revoke", "serve", "show", "up", "verify", "version"};

TEST(Nearest, FindsWhatASlipOfTheFingersMeant) {
  EXPECT_EQ(nearest("isue", kCommands), "issue");     // a letter left out
  EXPECT_EQ(nearest("isssue", kCommands), "issue");   // one too many
  EXPECT_EQ(nearest("revoce", kCommands), "revoke");  // another
  EXPECT_EQ(nearest("lsit", kCommands), "list");      // neighbours swapped
  EXPECT_EQ(nearest("vers", kCommands), "version");   // a beginning
}

TEST(Nearest, GuessesNothingFromAWordThatIsLikeNone) {
  EXPECT_EQ(nearest("certificate", kCommands), std::nullopt);
  EXPECT_EQ(nearest("", kCommands), std::nullopt);
  EXPECT_EQ(nearest("xx", kCommands), std::nullopt);
  EXPECT_EQ(nearest(std::string(100'000, 'i'), kCommands), std::nullopt);
}

}  // namespace
}  // namespace quicklime
