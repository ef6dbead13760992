#include "base/file.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <thread>
#include <vector>

namespace quicklime {
namespace {
namespace fs = std::filesystem;

class File : public testing::Test {
 protected:
  File() {
    std::string name = (fs::temp_directory_path() / "quicklime-file-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~File() override { fs::remove_all(directory); }

  static mode_t mode_of(const fs::path& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777U;
  }
  std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(directory), fs::directory_iterator())); }

  fs::path directory;
};

TEST_F(File, WritesWhatIsReadBack) {
  const std::string content = std::string("\0binary\n", 8) + std::string(100'000, 'x');
  ASSERT_TRUE(write_file(directory / "f", content, FileMode::public_, Overwrite::no).has_value());
  EXPECT_EQ(read_file(directory / "f"), content);
  EXPECT_EQ(read_secret_file(directory / "f")->reveal(), content);
  EXPECT_EQ(files(), 1U) << "nothing is left beside it";
}

TEST_F(File, TheModeIsWhatWasAskedWhateverTheUmask) {
  const mode_t before = ::umask(0);
  ASSERT_TRUE(write_file(directory / "private", "x", FileMode::private_, Overwrite::no).has_value());
  ::umask(077);
  ASSERT_TRUE(write_file(directory / "public", "x", FileMode::public_, Overwrite::no).has_value());
  ::umask(before);
  EXPECT_EQ(mode_of(directory / "private"), 0600U);
  EXPECT_EQ(mode_of(directory / "public"), 0644U);
}

TEST_F(File, NeverOverwritesUnlessTold) {
  ASSERT_TRUE(write_file(directory / "f", "first", FileMode::private_, Overwrite::no).has_value());
  const auto second = write_file(directory / "f", "second", FileMode::public_, Overwrite::no);
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().reason, "file-exists");
  EXPECT_EQ(read_file(directory / "f"), "first");
  EXPECT_EQ(mode_of(directory / "f"), 0600U);
  EXPECT_EQ(files(), 1U);

  ASSERT_TRUE(write_file(directory / "f", "third", FileMode::public_, Overwrite::yes).has_value());
  EXPECT_EQ(read_file(directory / "f"), "third");
  EXPECT_EQ(mode_of(directory / "f"), 0644U);
}

TEST_F(File, DoesNotWriteThroughALink) {
  ASSERT_TRUE(write_file(directory / "target", "kept", FileMode::public_, Overwrite::no).has_value());
  fs::create_symlink(directory / "target", directory / "link");
  EXPECT_FALSE(write_file(directory / "link", "x", FileMode::public_, Overwrite::no).has_value());
  ASSERT_TRUE(write_file(directory / "link", "x", FileMode::public_, Overwrite::yes).has_value()) << "the link itself is replaced";
  EXPECT_EQ(read_file(directory / "target"), "kept");
  EXPECT_FALSE(fs::is_symlink(directory / "link"));
}

TEST_F(File, OneOfManyWritersWinsWhole) {
  std::vector<std::thread> writers;
  std::atomic<int> won{0};
  for (int i = 0; i < 8; ++i) {
    writers.emplace_back([&, i] {
      if (write_file(directory / "f", std::string(50'000, static_cast<char>('a' + i)), FileMode::private_, Overwrite::no)) ++won;
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(won, 1);
  const auto content = read_file(directory / "f");
  ASSERT_TRUE(content.has_value());
  EXPECT_EQ(*content, std::string(50'000, content->front()));
  EXPECT_EQ(files(), 1U);
}

TEST_F(File, SaysWhatIsMissing) {
  const auto missing = read_file(directory / "no-such-file");
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().detail.find("no-such-file"), std::string::npos);
  EXPECT_EQ(write_file(directory / "no-such-directory" / "f", "x", FileMode::public_, Overwrite::no).error().code, ErrorCode::not_found);
  EXPECT_FALSE(read_file(directory).has_value()) << "a directory is no file";
}

TEST_F(File, RenamesIntoPlace) {
  ASSERT_TRUE(fs::create_directory(directory / "new"));
  ASSERT_TRUE(write_file(directory / "new" / "f", "x", FileMode::private_, Overwrite::no).has_value());
  ASSERT_TRUE(rename_durably(directory / "new", directory / "old").has_value());
  EXPECT_EQ(read_file(directory / "old" / "f"), "x");
  ASSERT_TRUE(fs::create_directory(directory / "other"));
  EXPECT_FALSE(rename_durably(directory / "other", directory / "old").has_value()) << "the target is a directory with content";
  EXPECT_EQ(read_file(directory / "old" / "f"), "x");
}

}  // namespace
}  // namespace quicklime
