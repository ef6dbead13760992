#include "installation/moving.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>

#include "access/token.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/metrics.hpp"
#include "eventlog/sqlite_log.hpp"
#include "installation/bootstrap_tokens.hpp"
#include "installation/init.hpp"

namespace quicklime::installation {
namespace {

namespace fs = std::filesystem;

class Moving : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/quicklime-moving-XXXXXX";
    ASSERT_NE(::mkdtemp(name), nullptr);
    folder_ = name;
    left_.directory.root = folder_ / "left";
    here_.directory.root = folder_ / "here";
    const auto made = init({.directory = left_.directory,
                            .organization = "Test",
                            .public_url = "http://ca.internal:8080",
                            .configuration = "public_url = \"http://ca.internal:8080\"\n",
                            .backdate = Seconds(60)});
    ASSERT_TRUE(made) << made.error().detail;
    ASSERT_EQ(::mkdir(here_.directory.root.c_str(), 0700), 0);
    fs::copy(left_.directory.configuration(), here_.directory.configuration());
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string bytes(const LogPlace& place, std::uint64_t offset) {
    metrics::Registry metrics;
    const auto log = eventlog::open_sqlite_log(place.directory.log(), {}, metrics);
    const auto entry = log ? (*log)->read_one(offset) : forward(log);
    return entry ? entry->bytes : entry.error().reason;
  }

  fs::path folder_;
  LogPlace left_, here_;
};

TEST_F(Moving, ASealedLogGoesOnElsewhere) {
  const auto sealed = seal_log(left_);
  ASSERT_TRUE(sealed) << sealed.error().detail;
  EXPECT_EQ(seal_log(left_)->text(), sealed->text()) << "sealed already";
  const auto exported = export_log(left_, folder_ / "log.jsonl");
  ASSERT_TRUE(exported) << exported.error().detail;
  EXPECT_EQ(exported->position, *sealed);

  std::uint64_t copied = 0;
  const auto imported = import_log(folder_ / "log.jsonl", here_, [&](std::uint64_t done, std::uint64_t) { copied = done; });
  ASSERT_TRUE(imported) << imported.error().detail;
  EXPECT_EQ(copied, sealed->offset + 1);
  EXPECT_EQ(imported->opened.offset, sealed->offset + 1);
  EXPECT_FALSE(imported->had_been);
  for (std::uint64_t offset = 0; offset <= sealed->offset; ++offset) EXPECT_EQ(bytes(here_, offset), bytes(left_, offset));
  EXPECT_NE(bytes(here_, imported->opened.offset).find(hex_encode(crypto::view(exported->chain))), std::string::npos);
  EXPECT_TRUE(import_log(folder_ / "log.jsonl", here_, {})->had_been);
}

TEST_F(Moving, ASealThatWasTakenBackIsNone) {
  EXPECT_EQ(unseal_log(left_).error().reason, "log-not-sealed");
  ASSERT_TRUE(seal_log(left_));
  ASSERT_TRUE(unseal_log(left_));
  EXPECT_EQ(export_log(left_, folder_ / "log.jsonl").error().reason, "log-not-sealed");
  EXPECT_EQ(import_log(left_.directory.root, here_, {}).error().reason, "log-not-sealed");
}

TEST_F(Moving, TheSealedLogItselfIsNoPlace) {
  ASSERT_TRUE(seal_log(left_));
  EXPECT_EQ(import_log(left_.directory.root, left_, {}).error().reason, "log-exists");
}

TEST_F(Moving, ABackupIsRestoredInANewEpoch) {
  const auto saved = back_up_log(left_, folder_ / "log.jsonl");
  ASSERT_TRUE(saved) << saved.error().detail;
  ASSERT_TRUE(seal_log(left_)) << "it goes on, and is lost";
  const auto restored = restore_log(folder_ / "log.jsonl", here_, {});
  ASSERT_TRUE(restored) << restored.error().detail;
  EXPECT_EQ(restored->last.chain, saved->chain);
  EXPECT_EQ(restored->opened, (Position{1, saved->position.offset + 1}));
  for (std::uint64_t offset = 0; offset <= saved->position.offset; ++offset) EXPECT_EQ(bytes(here_, offset), bytes(left_, offset));
  EXPECT_NE(bytes(here_, restored->opened.offset).find("log.restored/"), std::string::npos);
  const auto again = restore_log(folder_ / "log.jsonl", here_, {});
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_TRUE(again->had_been);
  EXPECT_EQ(again->opened, restored->opened);
  EXPECT_EQ(import_log(folder_ / "log.jsonl", here_, {}).error().reason, "log-not-sealed") << "a backup is no move";

  // The second backup begins where the first restore ended.
  ASSERT_TRUE(back_up_log(here_, folder_ / "later.jsonl"));
  std::filesystem::remove(here_.directory.log());
  EXPECT_EQ(restore_log(folder_ / "later.jsonl", here_, {})->opened.epoch, 2u);
}

TEST_F(Moving, ASealedLogIsNotRestored) {
  ASSERT_TRUE(seal_log(left_));
  EXPECT_EQ(restore_log(left_.directory.root, here_, {}).error().reason, "log-sealed");
}

TEST_F(Moving, BootstrapTokensAreMadeOnceAndGivenAgain) {
  const Instant now = Instant::from_seconds(1'800'000'000);
  const fs::path into = bootstrap_directory(here_.directory);
  const std::vector<BootstrapGrant> grants{{"crl", "bootstrap crl", {"role-peer"}, {"quicklime:role/crl"}},
                                           {"ocsp", "bootstrap ocsp", {"role-peer", "ocsp-signing"}, {"quicklime:role/ocsp"}}};
  const auto made = bootstrap_tokens(into, grants, now);
  ASSERT_TRUE(made) << made.error().detail;
  EXPECT_EQ(made->size(), 2u);
  fs::remove(into / "crl.token");
  const auto again = bootstrap_tokens(into, grants, now);
  ASSERT_TRUE(again);
  for (std::size_t i = 0; i < made->size(); ++i) {
    EXPECT_EQ((*made)[i].name, (*again)[i].name);
    EXPECT_EQ((*made)[i].token == (*again)[i].token, (*made)[i].name != "bootstrap crl");
    EXPECT_EQ((*made)[i].secret_sha256 == (*again)[i].secret_sha256, (*made)[i].name != "bootstrap crl");
  }
  const auto text = access::parse_token(read_file(into / "ocsp.token")->substr(0, 4 + 16 + 1 + 64));
  ASSERT_TRUE(text);
  const auto of_ocsp = std::find_if(made->begin(), made->end(), [](const auto& token) { return token.name == "bootstrap ocsp"; });
  ASSERT_NE(of_ocsp, made->end());
  EXPECT_EQ(text->secret_sha256, of_ocsp->secret_sha256);
  EXPECT_EQ(of_ocsp->profiles, (std::vector<std::string>{"role-peer", "ocsp-signing"}));

  ASSERT_TRUE(write_file(into / "ocsp.token", "nonsense\n", FileMode::private_, Overwrite::yes));
  EXPECT_EQ(bootstrap_tokens(into, grants, now).error().reason, "bootstrap-token-damaged");
}

}  // namespace
}  // namespace quicklime::installation
