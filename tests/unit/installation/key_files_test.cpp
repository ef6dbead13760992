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
class AuthorityKeyFiles : public testing::Test {
 protected:
  AuthorityKeyFiles() {
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
  KeyFiles files{data};
  const ca::Authority& root() const { return authorities[0]; }
  const ca::Authority& issuing() const { return authorities[1]; }
};

TEST_F(AuthorityKeyFiles, TheIssuingKeySignsAndTheRootKeyIsNotEvenRead) {
  std::filesystem::permissions(data.root_key(), std::filesystem::perms::all);  // would be refused
  keep(data.authority_key(root().id), *crypto::PrivateKey::generate(crypto::KeyKind::p256));
  EXPECT_EQ(files.signer_of(root()).value(), nullptr);
  const auto signer = files.signer_of(issuing());
  ASSERT_TRUE(signer && *signer);
  const auto signature = (*signer)->sign("message");
  ASSERT_TRUE(signature);
  EXPECT_TRUE(issuing().certificate.public_key()->verifies((*signer)->algorithm(), "message", *signature));
}

TEST_F(AuthorityKeyFiles, AKeyThatOthersMayReadIsRefusedWithTheCommandThatHelps) {
  using std::filesystem::perms;
  for (const perms mode : {perms::group_read, perms::others_read, perms::group_write}) {
    std::filesystem::permissions(issuing_key(), perms::owner_read | mode);
    const auto signer = files.signer_of(issuing());
    ASSERT_FALSE(signer);
    EXPECT_EQ(signer.error().reason, "key-file-mode");
    EXPECT_THAT(signer.error().detail, HasSubstr("chmod 600 " + issuing_key().string()));
  }
}

TEST_F(AuthorityKeyFiles, AKeyOfAnotherAuthorityIsRefused) {
  keep(issuing_key(), *crypto::PrivateKey::generate(crypto::KeyKind::p256));
  EXPECT_EQ(files.signer_of(issuing()).error().reason, "key-file-wrong");
}

TEST_F(AuthorityKeyFiles, ABrokenKeyFileIsNamed) {
  ASSERT_TRUE(write_file(issuing_key(), "-----BEGIN PRIVATE KEY-----\n", FileMode::private_, Overwrite::yes));
  const auto signer = files.signer_of(issuing());
  ASSERT_FALSE(signer);
  EXPECT_THAT(signer.error().detail, HasSubstr(issuing_key().string()));
}

TEST_F(AuthorityKeyFiles, WhatHasNotChangedIsTheSameSigner) {
  const auto first = files.signer_of(issuing()).value();
  EXPECT_EQ(files.signer_of(issuing()).value(), first);
  std::filesystem::rename(issuing_key(), temporary.path() / "away");
  EXPECT_EQ(files.signer_of(issuing()).value(), nullptr) << "elsewhere, and not missed";
  std::filesystem::rename(temporary.path() / "away", issuing_key());
  EXPECT_NE(files.signer_of(issuing()).value(), nullptr);
}

// As kubelet mounts a Secret: the file is a link into a directory that is itself a link, which is replaced.
TEST_F(AuthorityKeyFiles, AMountedSecretIsTakenUpWhenItsLinkMoves) {
  const auto mounted = data.ca() / "..data";
  for (const char* version : {"..1", "..2"}) std::filesystem::create_directory(data.ca() / version);
  std::filesystem::rename(issuing_key(), data.ca() / "..2" / issuing_key().filename());
  std::filesystem::create_directory_symlink("..1", mounted);
  std::filesystem::create_symlink(std::filesystem::path("..data") / issuing_key().filename(), issuing_key());
  EXPECT_EQ(files.signer_of(issuing()).value(), nullptr);
  std::filesystem::create_directory_symlink("..2", data.ca() / "..new");
  std::filesystem::rename(data.ca() / "..new", mounted);
  EXPECT_NE(files.signer_of(issuing()).value(), nullptr);
}

// A running process goes on with what it has while a file cannot be read, and takes up what comes.
TEST_F(AuthorityKeyFiles, RunningProcessesFollowTheFiles) {
  std::vector<std::unique_ptr<ca::KeySource>> sources;
  sources.push_back(std::make_unique<KeyFiles>(data));
  ca::SigningKeys keys(std::move(sources));
  ASSERT_TRUE(keys.refresh(authorities));
  const auto signer = keys.of(issuing().id);
  ASSERT_TRUE(signer);
  const auto generation = keys.generation();
  ASSERT_TRUE(keys.refresh(authorities));
  EXPECT_EQ(keys.generation(), generation);

  const auto right = read_file(issuing_key()).value();
  keep(issuing_key(), *crypto::PrivateKey::generate(crypto::KeyKind::p256));
  EXPECT_EQ(keys.refresh(authorities).error().reason, "key-file-wrong");
  EXPECT_EQ(keys.of(issuing().id), signer) << "a mistake takes nothing away";
  ASSERT_TRUE(write_file(issuing_key(), right, FileMode::private_, Overwrite::yes));
  ASSERT_TRUE(keys.refresh(authorities));
  EXPECT_NE(keys.of(issuing().id), nullptr);
  std::filesystem::remove(issuing_key());
  ASSERT_TRUE(keys.refresh(authorities));
  EXPECT_EQ(keys.of(issuing().id), nullptr);
  EXPECT_NE(keys.generation(), generation);
}

// ---- revocation keys
class RevocationKeyFiles : public AuthorityKeyFiles {
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
