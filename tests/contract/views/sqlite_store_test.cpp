// What only the view in a file can get wrong.

#include "views/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "async/task.hpp"
#include "backend.hpp"

namespace quicklime::views {
namespace {

class SqliteStoreFile : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "sqlite-store-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::filesystem::path file() const { return directory_ / "views" / "ocsp.db"; }
  Result<std::unique_ptr<ViewStore>> open(const std::vector<Space>& spaces = contract::kSpaces) {
    return open_sqlite_store(file(), spaces, clock_);
  }
  static void fill(ViewStore& store) {
    Changes changes;
    changes.points[PointKey{"status", "a"}] = "1";
    ASSERT_TRUE(store.apply(std::nullopt, changes, State{eventlog::Anchor{LogId("log"), Position{0, 4}, {}, {}}, 7, "w"}));
  }

  std::filesystem::path directory_;
  contract::TestClock clock_;
};

TEST_F(SqliteStoreFile, IsMadeWithItsDirectoryAndKeepsWhatWasApplied) {
  {
    auto store = open();
    ASSERT_TRUE(store) << store.error().detail;
    fill(**store);
    EXPECT_TRUE(async::run_to_end((*store)->get({})));
  }
  EXPECT_FALSE(std::filesystem::exists(file().string() + "-wal"));
  auto store = open();
  ASSERT_TRUE(store);
  EXPECT_EQ(async::run_to_end((*store)->get({{"status", "a"}}))->values.at(0), "1");
  EXPECT_EQ((*(*store)->state())->writers, "w");
}

TEST_F(SqliteStoreFile, OtherSpacesAreAnotherVersionAndStartEmpty) {
  fill(**open());
  for (const std::vector<Space>& spaces :
       {std::vector<Space>{{"status", SpaceKind::points}}, std::vector<Space>{{"status", SpaceKind::index}, {"by_name", SpaceKind::index}},
        contract::kSpaces}) {
    auto store = open(spaces);
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_EQ(*(*store)->dump(), "position empty\n");
  }
  fill(**open());
  EXPECT_NE(*(*open())->dump(), "position empty\n");
}

TEST_F(SqliteStoreFile, AFileThatIsNoViewIsRefused) {
  std::filesystem::create_directories(file().parent_path());
  std::ofstream(file()) << std::string(8192, 'x');
  const auto store = open();
  ASSERT_FALSE(store);
  EXPECT_EQ(store.error().reason, "view-damaged");
  EXPECT_NE(store.error().detail.find(file().string()), std::string::npos) << store.error().detail;
}

TEST_F(SqliteStoreFile, AnEmptyFileOfACrashIsANewView) {
  std::filesystem::create_directories(file().parent_path());
  std::ofstream(file()).close();
  const auto store = open();
  ASSERT_TRUE(store) << store.error().detail;
  fill(**store);
}

}  // namespace
}  // namespace quicklime::views
