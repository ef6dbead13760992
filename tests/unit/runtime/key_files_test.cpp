#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "crypto/random.hpp"
#include "runtime/data_directory.hpp"
#include "temporary_directory.hpp"

namespace quicklime::runtime {
namespace {

using testing::HasSubstr;

// A CA on disk, as init leaves it: root-1 and issuing-1.
class KeyFiles : public testing::Test {
 protected:
  KeyFiles() {
    std::filesystem::create_directory(data.ca());
    const ca::AuthorityPlan plan{.organization = "Acme Corp", .public_url = "http://ca.internal:8080"};
    const Instant now = SystemClock().now();
    auto made_root = ca::make_root(plan, now);
    auto made_issuing = ca::make_issuing(plan, *made_root, now);
    keep(data.root_key(), made_root->key);
    keep(data.authority_key(made_issuing->id), made_issuing->key);
    authorities.push_back({made_root->id, std::nullopt, made_root->certificate});
    authorities.push_back({made_issuing->id, made_root->id, made_issuing->certificate});
  }
  static void keep(const std::filesystem::path& file, const crypto::PrivateKey& key) {
    EXPECT_TRUE(write_file(file, key.to_pem()->reveal(), FileMode::private_, Overwrite::yes));
  }
  std::filesystem::path issuing_key() const { return data.authority_key(authorities[1].id); }

  TemporaryDirectory temporary;
  DataDirectory data{temporary.path()};
  std::vector<ca::Authority> authorities;
};

TEST_F(KeyFiles, TheIssuingKeySignsAndTheRootKeyIsNotEvenRead) {
  std::filesystem::permissions(data.root_key(), std::filesystem::perms::all);  // would be refused
  const auto keys = load_issuing_keys(data, authorities);
  ASSERT_TRUE(keys) << keys.error().detail;
  ASSERT_EQ(keys->size(), 1U);
  EXPECT_EQ(keys->front().authority, authorities[1].id);
  const auto signature = keys->front().signer->sign("message");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(authorities[1].certificate.public_key()->verifies(keys->front().signer->algorithm(), "message", *signature));
}

TEST_F(KeyFiles, AKeyThatOthersMayReadIsRefusedWithTheCommandThatHelps) {
  using std::filesystem::perms;
  for (const perms mode : {perms::group_read, perms::others_read, perms::group_write}) {
    std::filesystem::permissions(issuing_key(), perms::owner_read | mode);
    const auto keys = load_issuing_keys(data, authorities);
    ASSERT_FALSE(keys);
    EXPECT_EQ(keys.error().reason, "key-file-mode");
    EXPECT_THAT(keys.error().detail, HasSubstr("chmod 600 " + issuing_key().string()));
  }
}

TEST_F(KeyFiles, AKeyOfAnotherAuthorityIsRefused) {
  keep(issuing_key(), *crypto::PrivateKey::generate(crypto::KeyKind::p256));
  const auto keys = load_issuing_keys(data, authorities);
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().reason, "key-file-wrong");
}

TEST_F(KeyFiles, ABrokenKeyFileIsNamed) {
  ASSERT_TRUE(write_file(issuing_key(), "-----BEGIN PRIVATE KEY-----\n", FileMode::private_, Overwrite::yes));
  const auto keys = load_issuing_keys(data, authorities);
  ASSERT_FALSE(keys);
  EXPECT_THAT(keys.error().detail, HasSubstr(issuing_key().string()));
}

TEST_F(KeyFiles, AKeyThatIsElsewhereIsNotMissed) {
  std::filesystem::remove(issuing_key());
  const auto keys = load_issuing_keys(data, authorities);
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->empty());
}

TEST_F(KeyFiles, ARetiredAuthoritySignsNoMore) {
  authorities[1].retired = true;
  const auto keys = load_issuing_keys(data, authorities);
  ASSERT_TRUE(keys);
  EXPECT_TRUE(keys->empty());
}

TEST_F(KeyFiles, TheRevocationKeyIsTheSameAfterARestart) {
  ASSERT_TRUE(write_file(data.revocation_key(), crypto::random_secret(32).reveal(), FileMode::private_, Overwrite::no));
  const auto first = load_revocation_key(data);
  const auto second = load_revocation_key(data);
  ASSERT_TRUE(first) << first.error().detail;
  ASSERT_TRUE(second);
  EXPECT_EQ(first->id(), second->id());
  const SerialNumber serial = crypto::random_serial_number();
  const auto verified = second->verify(first->secret_for(serial).reveal());
  ASSERT_TRUE(verified);
  EXPECT_EQ(*verified, serial);
}

TEST_F(KeyFiles, ARevocationKeyOfAnotherLengthOrModeIsRefused) {
  ASSERT_TRUE(write_file(data.revocation_key(), crypto::random_bytes(31), FileMode::private_, Overwrite::yes));
  EXPECT_EQ(load_revocation_key(data).error().reason, "key-file-wrong");
  ASSERT_TRUE(write_file(data.revocation_key(), crypto::random_bytes(32), FileMode::public_, Overwrite::yes));
  EXPECT_EQ(load_revocation_key(data).error().reason, "key-file-mode");
}

}  // namespace
}  // namespace quicklime::runtime
