#include "installation/init.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "base/file.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::installation {
namespace {

namespace fs = std::filesystem;

// As on a full disk: no file of this process grows beyond so many bytes.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, SIG_DFL);
  }

 private:
  rlimit before_{};
};

class Init : public testing::Test {
 protected:
  fs::path data() const { return temporary.path() / "ca"; }
  fs::path root_key() const { return temporary.path() / "stick" / "root.key"; }
  Init() { fs::create_directory(root_key().parent_path()); }
  Result<MadeAuthorities> make() {
    return init({.directory = {data()},
                 .organization = "Acme Corp",
                 .public_url = "http://ca.internal:8080",
                 .configuration = "",
                 .backdate = Milliseconds(0),
                 .root_key_out = root_key()});
  }
  std::vector<fs::path> everything() const {
    std::vector<fs::path> found;
    for (const auto& entry : fs::recursive_directory_iterator(temporary.path())) found.push_back(entry.path());
    return found;
  }

  test::TemporaryDirectory temporary;
};

TEST_F(Init, TheRootKeyStandsWhereItWasToStand) {
  const auto made = make();
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->root_key, root_key());
  EXPECT_TRUE(fs::exists(root_key()));
  EXPECT_FALSE(fs::exists(data() / "ca" / "root.key"));
}

TEST_F(Init, NothingIsLeftWhereNoCaComesOfIt) {
  for (const rlim_t bytes : {0, 100, 600, 2'000, 20'000}) {
    {
      const FullDisk full(bytes);
      ASSERT_FALSE(make()) << bytes;
    }
    EXPECT_THAT(everything(), testing::ElementsAre(root_key().parent_path())) << bytes;
  }
  EXPECT_TRUE(make()) << "and the next one finds nothing in its way";
}

TEST_F(Init, AKeyThatIsThereAlreadyIsNobodysToRemove) {
  ASSERT_TRUE(write_file(root_key(), "of another CA", FileMode::private_, Overwrite::no));
  const auto refused = make();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "file-exists");
  EXPECT_EQ(read_file(root_key()).value_or(""), "of another CA");
}

}  // namespace
}  // namespace quicklime::installation
