#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.hpp"
#include "crypto/random.hpp"
#include "installation/data_directory.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::installation {
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

  test::TemporaryDirectory temporary;
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

// ---- revocation keys
class RevocationKeyFiles : public KeyFiles {
 protected:
  RevocationKeyFiles() { write(data.revocation_key(), 'a'); }
  static Secret octets(char octet) { return Secret(std::string(32, octet)); }
  static std::string id(char octet) { return ca::RevocationKey(octets(octet)).id(); }
  static void write(const std::filesystem::path& file, char octet) {
    ASSERT_TRUE(write_file(file, octets(octet).reveal(), FileMode::private_, Overwrite::yes));
  }
  Result<ca::RevocationKeys> load(const std::vector<ca::RevocationKeyUse>& used = {}) { return load_revocation_keys(data, used, now); }
  ca::RevocationKeyUse use(char octet, Milliseconds longer = std::chrono::hours(24)) { return {id(octet), now + longer}; }

  const Instant now = *Instant::parse("2026-11-21T12:00:00Z");
};

TEST_F(RevocationKeyFiles, AreTheSameAfterARestart) {
  const auto first = load();
  const auto second = load({use('a')});
  ASSERT_TRUE(first) << first.error().detail;
  ASSERT_TRUE(second) << second.error().detail;
  const SerialNumber serial = crypto::random_serial_number();
  const auto verified = second->verify(first->current().secret_for(serial).reveal());
  ASSERT_TRUE(verified);
  EXPECT_EQ(*verified, serial);
}

TEST_F(RevocationKeyFiles, OfAnotherLengthOrModeAreRefused) {
  for (const auto& file : {data.revocation_key("0123abcd"), data.revocation_key()}) {
    ASSERT_TRUE(write_file(file, crypto::random_bytes(31), FileMode::private_, Overwrite::yes));
    EXPECT_EQ(load().error().reason, "key-file-wrong");
    ASSERT_TRUE(write_file(file, crypto::random_bytes(32), FileMode::public_, Overwrite::yes));
    EXPECT_EQ(load().error().reason, "key-file-mode");
    std::filesystem::remove(file);
  }
}

TEST_F(RevocationKeyFiles, TheOneThatMakesSecretsAndThoseThatStillVerify) {
  write(data.revocation_key(id('b')), 'b');
  write(data.revocation_key("whatever"), 'c');
  write(data.revocation_key(id('a')), 'a');  // a crash in the middle of a rotation
  const auto keys = load({use('a'), use('b'), use('c')});
  ASSERT_TRUE(keys) << keys.error().detail;
  EXPECT_EQ(keys->current().id(), id('a'));
  EXPECT_EQ(keys->all().size(), 3u);
  EXPECT_NE(keys->find(id('b')), nullptr);
  EXPECT_EQ(keys->find(id('d')), nullptr);
}

TEST_F(RevocationKeyFiles, AWrongOneIsNamedWithTheIdThatIsExpectedAndThoseThatAreHere) {
  write(data.revocation_key(id('b')), 'b');
  const auto keys = load({use('d'), use('b')});
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().reason, "revocation-key-unknown");
  for (const auto& named :
       {id('d') + " (in use until 2026-11-22)", id('a') + " (revocation.key)", id('b') + " (revocation-" + id('b') + ".key)"})
    EXPECT_THAT(keys.error().detail, HasSubstr(named));
  std::filesystem::remove(data.revocation_key());
  const auto missing = load({use('a')});
  EXPECT_EQ(missing.error().reason, "revocation-key-missing");
  EXPECT_THAT(missing.error().detail, HasSubstr(id('a')));
}

TEST_F(RevocationKeyFiles, AKeyThatWasGivenUpMakesNoMoreSecrets) {
  ASSERT_TRUE(write_file(data.lost_revocation_key(id('a')), "", FileMode::private_, Overwrite::no));
  const auto keys = load({use('a')});
  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().reason, "revocation-key-lost");
  for (const auto& named : {data.lost_revocation_key(id('a')).string(), "rotate-revocation-key --lost " + id('a')})
    EXPECT_THAT(keys.error().detail, HasSubstr(named));
  // It is still found by who makes another one.
  const auto files = revocation_key_files(data);
  ASSERT_TRUE(files);
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->front().id, id('a'));
  write(data.revocation_key(), 'b');
  EXPECT_TRUE(load({use('a'), use('b')}));
}

TEST_F(RevocationKeyFiles, WhatNoLiveCertificateCountsOnAndWhatIsGivenUpIsNotMissed) {
  EXPECT_TRUE(load({use('d', -Seconds(1)), use('a')}));
  EXPECT_FALSE(load({use('d')}));
  ASSERT_TRUE(write_file(data.lost_revocation_key(id('d')), "", FileMode::private_, Overwrite::no));
  EXPECT_TRUE(load({use('d')}));
  EXPECT_FALSE(load({use('d'), use('e')}));
  write(data.revocation_key(id('d')), 'd');
  EXPECT_EQ(load({use('d')})->find(id('d')), nullptr) << "what was stolen verifies nothing";
}

}  // namespace
}  // namespace quicklime::installation
