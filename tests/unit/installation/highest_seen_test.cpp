#include "installation/highest_seen.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "async/task.hpp"
#include "base/file.hpp"
#include "eventlog/memory_log.hpp"
#include "events/codec.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::installation {
namespace {

const LogId kLog("0193a0e0-0000-7000-8000-000000000001");
const AuthorityId kIssuing("issuing-1");

class HighestSeenTest : public testing::Test {
 protected:
  std::unique_ptr<HighestSeen> open() { return std::move(HighestSeen::open(file_).value()); }
  // The last event of the log, as a view has it that applied it.
  eventlog::Anchor last() { return *eventlog::verify_chain(*log_); }
  void append(const std::string& bytes) { ASSERT_TRUE(async::run_to_end(log_->append(bytes))); }

  test::TemporaryDirectory directory_;
  std::filesystem::path file_ = directory_.path() / "highest_seen";
  std::unique_ptr<eventlog::MemoryLog> log_ = eventlog::make_memory_log(kLog, "{\"created\":1}");
};

TEST_F(HighestSeenTest, TheNextProcessKnowsIt) {
  append("{}");
  {
    const auto seen = open();
    EXPECT_FALSE(seen->anchor());
    EXPECT_FALSE(seen->crl(kIssuing));
    seen->note(last());
    seen->note_crl(kIssuing, {0, 7});
    seen->note_crl(kIssuing, {0, 5});  // never back
    seen->write();
  }
  const auto seen = open();
  ASSERT_TRUE(seen->anchor());
  EXPECT_EQ(seen->anchor()->position, (Position{0, 1}));
  EXPECT_EQ(seen->anchor()->log_id, kLog);
  EXPECT_EQ(seen->anchor()->hash, last().hash);
  EXPECT_EQ(seen->crl(kIssuing), (Position{0, 7}));
  EXPECT_TRUE(seen->check(*log_));
}

TEST_F(HighestSeenTest, AShorterLogIsNamedWithBothPositionsAndTheFile) {
  append("{\"n\":1}");
  append("{\"n\":2}");
  const auto seen = open();
  seen->note(last());
  log_->truncate(2);
  const auto checked = seen->check(*log_);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().reason, "log-truncated");
  for (const std::string& named : {std::string("0.2"), std::string("offset 2"), file_.string()})
    EXPECT_NE(checked.error().detail.find(named), std::string::npos) << checked.error().detail;
  // Grown again over what was lost, with something else: it is no longer shorter, and still not what was seen.
  append("{\"n\":3}");
  EXPECT_EQ(seen->check(*log_).error().reason, "log-altered");
}

TEST_F(HighestSeenTest, AnotherLogIsNotOurs) {
  const auto seen = open();
  seen->note(last());
  const auto other = eventlog::make_memory_log(LogId("0193a0e0-0000-7000-8000-000000000002"), "{}");
  EXPECT_EQ(seen->check(*other).error().reason, "log-foreign");
}

TEST_F(HighestSeenTest, ALogThatWasRestoredMayHoldLess) {
  append("{\"n\":1}");
  append("{\"n\":2}");
  const auto seen = open();
  seen->note(last());
  log_->truncate(2);
  append(events::encode(events::Event{.id = EventId("0193a0e0-0000-7000-8000-000000000000"),
                                      .time = Instant::from_seconds(1),
                                      .writer = {"test", 1},
                                      .actor = {events::Actor::Kind::control, "tester"},
                                      .request = RequestId("restored"),
                                      .data = events::LogRestored{1}}));
  EXPECT_TRUE(seen->check(*log_));
  EXPECT_FALSE(seen->anchor());
  seen->note(last());
  EXPECT_EQ(seen->anchor()->position, (Position{1, 2}));
}

TEST_F(HighestSeenTest, IsWrittenOnlyWhenItMoved) {
  const auto seen = open();
  seen->write();
  EXPECT_FALSE(std::filesystem::exists(file_));
  seen->note(last());
  seen->write();
  std::filesystem::remove(file_);
  seen->note(last());
  seen->write();
  EXPECT_FALSE(std::filesystem::exists(file_));
}

TEST_F(HighestSeenTest, ADirectoryThatCannotBeWrittenToStopsNothing) {
  const auto kept = std::move(HighestSeen::open("/proc/highest_seen").value());
  kept->note(last());
  kept->write();
  kept->note_crl(kIssuing, {0, 1});
  kept->write();
  EXPECT_EQ(kept->crl(kIssuing), (Position{0, 1}));
}

TEST_F(HighestSeenTest, AFileOfSomebodyElseIsRefusedByName) {
  for (const std::string content : {"log x 0.1 ab cd\n", "log only\n", "crl issuing-1 one\n", "something\n"}) {
    ASSERT_TRUE(write_file(file_, content, FileMode::private_, Overwrite::yes));
    const auto opened = HighestSeen::open(file_);
    ASSERT_FALSE(opened) << content;
    EXPECT_EQ(opened.error().reason, "highest-seen-malformed");
    EXPECT_NE(opened.error().detail.find(file_.string()), std::string::npos);
  }
}

}  // namespace
}  // namespace quicklime::installation
