#include "base/directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

namespace quicklime {
namespace {
namespace fs = std::filesystem;

constexpr uid_t kNobody = 65534;

class DirectoryTest : public testing::Test {
 protected:
  DirectoryTest() {
    std::string name = (fs::temp_directory_path() / "quicklime-directory-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~DirectoryTest() override { fs::remove_all(folder); }

  void put(const fs::path& file, const std::string& content = "x") {
    ASSERT_TRUE(write_file(folder / file, content, FileMode::private_, Overwrite::yes));
  }
  Directory opened() { return *Directory::open(folder); }
  static bool is_root() { return ::geteuid() == 0; }
  // Only root can be somebody else: for others, the files that they have are theirs.
  static void give_to_nobody(const fs::path& path) { EXPECT_TRUE(!is_root() || ::lchown(path.c_str(), kNobody, kNobody) == 0); }

  fs::path folder;
};

TEST_F(DirectoryTest, IsTheOneThatWasOpenedWhateverItsNameLeadsToLater) {
  fs::create_directory(folder / "a");
  const auto directory = *Directory::open(folder / "a");
  fs::rename(folder / "a", folder / "moved");
  fs::create_directory(folder / "a");
  ASSERT_TRUE(directory.write("f", "kept", FileMode::private_, Overwrite::no));
  EXPECT_EQ(read_file(folder / "moved" / "f"), "kept");
  EXPECT_TRUE(fs::is_empty(folder / "a"));
}

TEST_F(DirectoryTest, NeitherLinksNorPipesAreRead) {
  put("target", "secret");
  fs::create_symlink(folder / "target", folder / "link");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  fs::create_directory(folder / "folder");
  const auto directory = opened();
  for (const char* name : {"link", "pipe", "folder"}) {
    EXPECT_FALSE(directory.read(name)) << name;
    EXPECT_FALSE(directory.access_of(name)) << name;
    EXPECT_FALSE(directory.read_owned(name, ::geteuid())) << name;
    EXPECT_TRUE(directory.has(name)) << name;
  }
  EXPECT_EQ(directory.read("target"), "secret");
}

TEST_F(DirectoryTest, WritingReplacesALinkAndNotWhatItLeadsTo) {
  put("target", "kept");
  fs::create_symlink(folder / "target", folder / "link");
  const auto directory = opened();
  EXPECT_EQ(directory.write("link", "x", FileMode::public_, Overwrite::no).error().reason, "file-exists");
  ASSERT_TRUE(directory.write("link", "x", FileMode::public_, Overwrite::yes));
  EXPECT_EQ(directory.read("target"), "kept");
  EXPECT_EQ(directory.read("link"), "x");
}

TEST_F(DirectoryTest, WhatIsWrittenHasOwnerAndModeOfWhatItReplaces) {
  put("f");
  give_to_nobody(folder / "f");
  ASSERT_EQ(::chmod((folder / "f").c_str(), 0640), 0);
  const auto directory = opened();
  const auto access = directory.access_of("f");
  ASSERT_TRUE(access);
  ASSERT_TRUE(directory.write("f", "new", *access, Overwrite::yes));
  const auto now = directory.access_of("f");
  EXPECT_EQ(now->owner, is_root() ? kNobody : ::geteuid());
  EXPECT_EQ(now->mode, 0640U);
}

TEST_F(DirectoryTest, AFileWithAnotherNameOrOwnerIsNotReadAsOurs) {
  put("secret", "of somebody");
  const auto directory = opened();
  EXPECT_EQ(directory.read_owned("secret", ::geteuid()), "of somebody");
  EXPECT_EQ(directory.read_owned("secret", ::geteuid() + 1).error().reason, "file-foreign");
  fs::create_hard_link(folder / "secret", folder / "planted");
  EXPECT_EQ(directory.read_owned("planted", ::geteuid()).error().reason, "file-foreign");
}

TEST_F(DirectoryTest, LinksAreFollowedThatWeOrTheOwnerOfTheFileMade) {
  fs::create_directory(folder / "live");
  fs::create_directory(folder / "archive");
  put("archive/f7", "content");
  fs::create_symlink("../archive/f7", folder / "live" / "f");
  fs::create_symlink(folder / "live" / "f", folder / "again");
  for (const auto& path : {folder / "again", folder / "live" / "f", folder / "archive" / "f7"}) {
    const auto found = Directory::of_file(path);
    ASSERT_TRUE(found) << found.error().detail;
    EXPECT_EQ(found->second, "f7");
    EXPECT_EQ(found->first.path(), fs::canonical(folder / "archive"));
    EXPECT_EQ(found->first.read("f7"), "content");
  }
  give_to_nobody(folder / "live" / "f");
  give_to_nobody(folder / "archive" / "f7");
  EXPECT_TRUE(Directory::of_file(folder / "again")) << "who made the link owns the file";
}

TEST_F(DirectoryTest, LinksOfStrangersAreNot) {
  put("secret", "of root");
  fs::create_symlink("secret", folder / "link");
  fs::create_symlink("link", folder / "again");
  give_to_nobody(folder / "link");
  for (const char* name : {"link", "again"}) {
    const auto found = Directory::of_file(folder / name);
    EXPECT_EQ(found ? "followed" : found.error().reason, is_root() ? "file-link" : "followed");
  }
  fs::create_symlink("round", folder / "round");
  EXPECT_EQ(Directory::of_file(folder / "round").error().reason, "file-error");
  EXPECT_EQ(Directory::of_file(folder / "nothing").error().code, ErrorCode::not_found);
}

TEST_F(DirectoryTest, PrivateDirectoriesAreMadeAndLinksLeftAlone) {
  ASSERT_TRUE(make_private_directory(folder / "deep" / "private"));
  struct stat status {};
  ASSERT_EQ(::stat((folder / "deep" / "private").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  fs::create_directory(folder / "elsewhere");
  ASSERT_EQ(::chmod((folder / "elsewhere").c_str(), 0755), 0);
  fs::create_directory_symlink(folder / "elsewhere", folder / "linked");
  EXPECT_TRUE(make_private_directory(folder / "linked"));
  ASSERT_EQ(::stat((folder / "elsewhere").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0755U) << "nothing is changed through a link";
  put("file");
  EXPECT_FALSE(make_private_directory(folder / "file"));
}

}  // namespace
}  // namespace quicklime
