#include "command_line/saved_session.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "command_line/one_time_url.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::command_line {
namespace {

class SavedSessions : public ::testing::Test {
 protected:
  SavedSessions() { ::setenv("XDG_CONFIG_HOME", directory_.path().c_str(), 1); }
  ~SavedSessions() override { ::unsetenv("XDG_CONFIG_HOME"); }

  std::filesystem::path file() const { return directory_.path() / "quicklime/session"; }
  static void save() { ASSERT_TRUE(save_session({"https://ca.internal:8443", "/roots.pem", "local:alice", Secret::copy_of("qls_1_2")})); }

  test::TemporaryDirectory directory_;
};

TEST_F(SavedSessions, AreKeptForTheirOwnerAlone) {
  EXPECT_FALSE(*load_session()) << "nobody is signed in";
  save();
  const auto kept = load_session();
  ASSERT_TRUE(kept && *kept);
  EXPECT_EQ((*kept)->server, "https://ca.internal:8443");
  EXPECT_EQ((*kept)->roots, "/roots.pem");
  EXPECT_EQ((*kept)->user, "local:alice");
  EXPECT_EQ((*kept)->text.reveal(), "qls_1_2");

  struct stat status {};
  ASSERT_EQ(::stat(file().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(file().parent_path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);

  ASSERT_EQ(::chmod(file().c_str(), 0640), 0);
  EXPECT_EQ(load_session().error().reason, "key-file-mode");
}

TEST_F(SavedSessions, AreForgotten) {
  save();
  ASSERT_TRUE(forget_session());
  EXPECT_FALSE(*load_session());
  EXPECT_TRUE(forget_session()) << "again";
}

TEST_F(SavedSessions, DamagedOnesAreRefusedAndForgotten) {
  save();
  std::ofstream(file()) << "{";
  EXPECT_EQ(load_session().error().reason, "session-file-damaged");
  ASSERT_TRUE(forget_session());
  EXPECT_FALSE(*load_session());
}

TEST_F(SavedSessions, AreOfOneServerHoweverItIsWritten) {
  const SavedSession session{"https://ca.internal:8443", {}, {}, Secret()};
  EXPECT_TRUE(is_of(session, "https://ca.internal:8443/"));
  EXPECT_TRUE(is_of(session, "https://CA.internal:8443"));
  EXPECT_FALSE(is_of(session, "https://ca.internal:8444"));
  EXPECT_FALSE(is_of(session, "http://ca.internal:8443"));
  EXPECT_FALSE(is_of(session, "https://ca.internal:8443.example.com"));
}

TEST(OneTimeUrl, TheTokenIsBehindTheHash) {
  EXPECT_EQ(token_of_url(Secret::copy_of("https://ca.internal:8443/ui/#one-time=qlk_1_2")).reveal(), "qlk_1_2");
  EXPECT_EQ(token_of_url(Secret::copy_of("qlk_1_2")).reveal(), "qlk_1_2");
}

}  // namespace
}  // namespace quicklime::command_line
