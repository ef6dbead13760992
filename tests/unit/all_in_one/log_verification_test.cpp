#include "all_in_one/log_verification.hpp"

#include <gtest/gtest.h>

#include "async/task.hpp"
#include "base/encoding.hpp"
#include "eventlog/memory_log.hpp"

namespace quicklime::all_in_one {
namespace {

using eventlog::Anchor;

class LogVerificationTest : public testing::Test {
 protected:
  void append(int events) {
    for (int i = 0; i < events; ++i) ASSERT_TRUE(async::run_to_end(log_->append("event " + std::to_string(i))));
  }
  // What an honest view that applied this offset remembers.
  Anchor anchor(std::uint64_t offset) {
    const auto record = log_->read_one(offset);
    return {log_->id(), record->position, record->hash, *record->chain};
  }
  LogVerification::Status verify(std::vector<LogVerification::ViewAnchor> anchors) {
    LogVerification verification(*log_, [anchors] { return anchors; });
    verification.start();
    while (verification.status().running) std::this_thread::sleep_for(Milliseconds(1));
    return verification.status();
  }

  std::unique_ptr<eventlog::MemoryLog> log_ = eventlog::make_memory_log(LogId("log"), "log.created");
};

TEST_F(LogVerificationTest, AWholeLogHoldsAndItsViewsFit) {
  append(3000);
  const auto status = verify({{"ocsp", anchor(3000)}, {"crl", anchor(17)}});
  EXPECT_EQ(status.failure, "");
  EXPECT_EQ(status.checked, 3001u);
  EXPECT_EQ(status.views, (std::vector<std::string>{"crl", "ocsp"}));
  EXPECT_EQ(status.chain, hex_encode(crypto::view(anchor(3000).chain)));
}

TEST_F(LogVerificationTest, AViewOfAnotherLogIsNamed) {
  append(5);
  auto foreign = anchor(3);
  foreign.hash[0] = static_cast<char>(foreign.hash[0] ^ 1);
  const auto status = verify({{"ocsp", anchor(5)}, {"crl", foreign}});
  EXPECT_NE(status.failure.find("view crl"), std::string::npos);
}

TEST_F(LogVerificationTest, AViewBehindTheEndOfTheLogIsNamed) {
  append(5);
  auto beyond = anchor(5);
  beyond.position.offset = 6;
  const auto status = verify({{"ocsp", beyond}});
  EXPECT_NE(status.failure.find("view ocsp has applied offset 6"), std::string::npos) << status.failure;
}

TEST_F(LogVerificationTest, CanBeAskedAgain) {
  LogVerification verification(*log_, [] { return std::vector<LogVerification::ViewAnchor>(); });
  for (std::uint64_t round = 1; round <= 3; ++round) {
    verification.start();
    while (verification.status().running) std::this_thread::sleep_for(Milliseconds(1));
    EXPECT_EQ(verification.status().checked, round);
    append(1);
  }
}

}  // namespace
}  // namespace quicklime::all_in_one
