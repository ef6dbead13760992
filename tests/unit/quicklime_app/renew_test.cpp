// What `renew` does by itself: when, how often, and with which files.

#include "quicklime/renew.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <set>

#include "base/file.hpp"
#include "ca/authority.hpp"
#include "crypto/random.hpp"
#include "pki/pem.hpp"
#include "quicklime/certificate_files.hpp"
#include "quicklime/renew_daemon.hpp"

namespace quicklime::app {
namespace {

namespace fs = std::filesystem;

const Instant kNow = *Instant::parse("2026-11-21T12:00:00Z");

std::string certificate_pem(const crypto::PrivateKey& key, Milliseconds lives = std::chrono::hours(24 * 90)) {
  static const auto authority = ca::make_root({.organization = "Test", .public_url = "http://ca.test"}, kNow);
  const crypto::KeySigner signer(authority->key);
  static const pki::CertificateTemplate made({.issuer = authority->certificate.subject(),
                                              .authority_key_identifier = authority->certificate.subject_key_identifier(),
                                              .key_usages = {pki::KeyUsage::digital_signature},
                                              .extended_key_usages = {},
                                              .is_ca = false,
                                              .path_length = std::nullopt,
                                              .ocsp_urls = {},
                                              .ca_issuer_urls = {},
                                              .crl_urls = {},
                                              .signature_algorithm = signer.algorithm()});
  const std::vector<pki::AlternativeName> names{*pki::AlternativeName::guess("api.internal")};
  const auto serial = crypto::random_serial_number();
  const auto subject = pki::Name::empty();
  return pki::pem_encode("CERTIFICATE", *made.sign({.serial = serial,
                                                    .subject = subject,
                                                    .names = names,
                                                    .spki = key.public_key().spki(),
                                                    .not_before = kNow,
                                                    .not_after = kNow + lives},
                                                   signer));
}
crypto::PrivateKey new_key() { return *crypto::PrivateKey::generate(crypto::KeyKind::p256); }

TEST(Due, is_at_two_thirds_of_life_or_a_little_earlier_and_always_the_same) {
  std::set<std::int64_t> moments;
  for (int i = 0; i < 50; ++i) {
    const auto certificate = certificates_of(certificate_pem(new_key(), std::chrono::hours(60)), "it")->front();
    const Instant at = due(certificate);
    EXPECT_LE(at, kNow + std::chrono::hours(40));
    EXPECT_GT(at, kNow + std::chrono::hours(37) - Milliseconds(1));
    EXPECT_EQ(at, due(certificate));
    moments.insert(at.milliseconds());
  }
  EXPECT_GT(moments.size(), 40u) << "a thousand machines do not ask together";
}

TEST(Backoff, grows_from_a_second_to_ten_minutes) {
  for (int i = 0; i < 20; ++i) {
    Milliseconds expected{1'000};
    for (unsigned failures = 1; failures < 70; ++failures) {
      const auto pause = backoff(failures);
      EXPECT_GE(pause, expected) << failures;
      EXPECT_LE(pause, expected + expected / 4) << failures;
      expected = std::min<Milliseconds>(expected * 2, std::chrono::minutes(10));
    }
  }
}

TEST(Command, says_how_it_ended) {
  EXPECT_TRUE(run_command("true"));
  EXPECT_NE(run_command("exit 7").error().detail.find("exited with 7"), std::string::npos);
  EXPECT_NE(run_command("kill -9 $$").error().detail.find("signal 9"), std::string::npos);
}

class Pair : public ::testing::Test {
 protected:
  Pair() : folder(fs::temp_directory_path() / ("quicklime-pair-" + crypto::uuid_v7(SystemClock().now()))) {
    fs::create_directory(folder);
    write("api.crt", certificate_pem(old_key));
    write("api.key", old_key.to_pem()->reveal());
  }
  ~Pair() override { fs::remove_all(folder); }

  void write(const std::string& name, std::string_view content) {
    ASSERT_TRUE(write_file(folder / name, content, FileMode::private_, Overwrite::yes));
  }
  CertificatePair pair() const { return *CertificatePair::open(folder / "api.crt"); }
  bool holds(const crypto::PrivateKey& key) const {
    const auto found = pair().key();
    return found && found->public_key() == key.public_key();
  }
  std::set<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename());
    return names;
  }

  fs::path folder;
  crypto::PrivateKey old_key = new_key();
};

TEST_F(Pair, nothing_under_way_is_nothing_to_install) {
  EXPECT_FALSE(*pair().install());
  EXPECT_TRUE(holds(old_key));
}

TEST_F(Pair, is_replaced_step_by_step) {
  const auto next = *pair().next_key(crypto::KeyKind::p256);
  EXPECT_EQ(pair().next_key(crypto::KeyKind::p256)->public_key(), next.public_key()) << "the same, however often it is asked";
  EXPECT_FALSE(*pair().install());
  const std::string renewed = certificate_pem(next);
  ASSERT_TRUE(pair().keep(renewed, next));
  EXPECT_TRUE(holds(old_key)) << "in use until it is installed";
  EXPECT_TRUE(*pair().install());
  EXPECT_TRUE(holds(next));
  EXPECT_TRUE(*pair().install()) << "until it is finished: what follows may fail";
  pair().finished();
  EXPECT_FALSE(*pair().install());
  EXPECT_EQ(files(), (std::set<std::string>{"api.crt", "api.key"}));
}

TEST_F(Pair, between_the_two_files_the_rest_is_done) {
  const auto next = new_key();
  write("api.crt.new", certificate_pem(next));
  write("api.key", next.to_pem()->reveal());
  EXPECT_EQ(pair().key().error().reason, "key-mismatch");
  EXPECT_TRUE(*pair().install());
  EXPECT_TRUE(holds(next));
}

TEST_F(Pair, with_a_key_for_the_renewal_after_the_unfinished_one) {
  const auto next = new_key(), after = new_key();
  write("api.crt.new", certificate_pem(next));
  write("api.key", next.to_pem()->reveal());
  write("api.key.new", after.to_pem()->reveal());
  EXPECT_TRUE(*pair().install());
  EXPECT_TRUE(holds(next));
  EXPECT_EQ(pair().next_key(crypto::KeyKind::p256)->public_key(), after.public_key());
}

TEST_F(Pair, what_is_left_of_a_renewal_of_another_pair_is_forgotten) {
  write("api.crt.new", certificate_pem(new_key()));
  EXPECT_FALSE(*pair().install());
  EXPECT_TRUE(holds(old_key));
  EXPECT_EQ(files(), (std::set<std::string>{"api.crt", "api.key"}));
}

TEST_F(Pair, a_certificate_for_another_key_is_not_kept) {
  const auto next = *pair().next_key(crypto::KeyKind::p256);
  EXPECT_EQ(pair().keep(certificate_pem(new_key()), next).error().reason, "answer-not-understood");
  EXPECT_EQ(pair().keep("", next).error().reason, "answer-not-understood");
  EXPECT_FALSE(*pair().install());
}

TEST_F(Pair, readers_stay_readers) {
  ASSERT_EQ(::chmod((folder / "api.key").c_str(), 0644), 0);
  ASSERT_EQ(::chmod((folder / "api.crt").c_str(), 0640), 0);
  const auto next = *pair().next_key(crypto::KeyKind::p256);
  ASSERT_TRUE(pair().keep(certificate_pem(next), next));
  ASSERT_TRUE(*pair().install());
  struct stat status {};
  ::stat((folder / "api.key").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u) << "but never everybody";
  ::stat((folder / "api.crt").c_str(), &status);
  EXPECT_EQ(status.st_mode & 0777, 0640u);
}

TEST_F(Pair, what_is_no_pair_is_said_so) {
  EXPECT_EQ(CertificatePair::open(folder / "none.crt").error().reason, "file-error");
  EXPECT_EQ(CertificatePair::open(folder / "api.key").error().reason, "file-name");
  fs::remove(folder / "api.key");
  EXPECT_EQ(CertificatePair::open(folder / "api.crt").error().reason, "key-file-missing");
}

}  // namespace
}  // namespace quicklime::app
