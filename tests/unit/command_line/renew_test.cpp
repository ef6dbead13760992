// What `renew` does by itself: when, how often, and with which files.

#include "command_line/renew.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/file.hpp"
#include "ca/authority.hpp"
#include "command_line/certificate_files.hpp"
#include "command_line/renew_daemon.hpp"
#include "crypto/random.hpp"
#include "pki/pem.hpp"

namespace quicklime::command_line {
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
// A race by the hundred is not one with the disk.
fs::path in_memory() { return fs::is_directory("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path(); }
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
  Pair() : folder(in_memory() / ("quicklime-pair-" + crypto::uuid_v7(SystemClock().now()))) {
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

// `renew` as root in a directory of nobody's, who wants a file of root's. (Run by another user, everything is that user's: what is
// left to see is that the file stays as it was.)
class PairOfNobody : public Pair {
 protected:
  static constexpr uid_t kNobody = 65534;
  PairOfNobody() {
    std::string name = (in_memory() / "quicklime-victim-XXXXXX").string();
    elsewhere = ::mkdtemp(name.data());
    // Both a certificate and a key: whatever a renewal reads, this could be.
    content = certificate_pem(secret_key) + std::string(secret_key.to_pem()->reveal());
    EXPECT_TRUE(write_file(victim(), content, FileMode::private_, Overwrite::yes));
    ::stat(victim().c_str(), &before);
    make_pair();
  }
  ~PairOfNobody() override { fs::remove_all(elsewhere); }

  fs::path victim() const { return elsewhere / "secret.pem"; }
  static uid_t attacker() { return ::geteuid() == 0 ? kNobody : ::geteuid(); }
  void make_pair() {
    const auto key = new_key();
    for (const auto& name : files()) fs::remove(folder / name);
    write("api.key", key.to_pem()->reveal());
    write("api.crt", certificate_pem(key));
    if (::geteuid() != 0) return;
    for (const auto& path : {folder / "api.key", folder / "api.crt", folder}) {
      (void)!::lchown(path.c_str(), kNobody, kNobody);  // one may have been taken away already
    }
  }
  // Puts the victim under this name; protected_hardlinks would forbid the hard link to nobody, and not every kernel has it.
  void plant(const std::string& name, bool hard) const {
    std::error_code lost_the_race;
    fs::remove(folder / name, lost_the_race);
    if (hard) {
      fs::create_hard_link(victim(), folder / name, lost_the_race);
    } else {
      fs::create_symlink(victim(), folder / name, lost_the_race);
      (void)::lchown((folder / name).c_str(), attacker(), attacker());
    }
  }
  bool victim_is_untouched() const {
    struct stat now {};
    return ::stat(victim().c_str(), &now) == 0 && now.st_uid == before.st_uid && now.st_gid == before.st_gid &&
           now.st_mode == before.st_mode && now.st_ino == before.st_ino && *read_file(victim()) == content;
  }
  // What nobody can read that he could not before.
  bool given_away() const {
    const std::string key(secret_key.to_pem()->reveal());
    for (const auto& name : files()) {
      struct stat status {};
      if (::lstat((folder / name).c_str(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_ino == before.st_ino) continue;
      if (read_file(folder / name)->find(key) != std::string::npos) return true;
    }
    return false;
  }

  fs::path elsewhere;
  crypto::PrivateKey secret_key = new_key();
  std::string content;
  struct stat before {};
};

TEST_F(PairOfNobody, what_was_planted_is_neither_installed_nor_given_away) {
  for (const bool hard : {false, true}) {
    make_pair();
    plant("api.crt.new", hard);
    plant("api.key.new", hard);
    EXPECT_FALSE(pair().install());
    EXPECT_FALSE(pair().next_key(crypto::KeyKind::p256));
    EXPECT_TRUE(victim_is_untouched());
    EXPECT_FALSE(given_away());
  }
}

TEST_F(PairOfNobody, links_swapped_by_the_hundred_while_it_is_renewed_win_nothing) {
  constexpr int kRounds = 300;
  std::atomic<bool> ended{false};
  std::atomic<int> swaps{0};
  std::mutex peace;  // while this test, as root, puts the next pair there, and looks at what came of it
  std::thread attack([&] {
    for (unsigned turn = 0; !ended; ++turn) {
      std::this_thread::sleep_for(std::chrono::microseconds(turn * 37 % 400));
      const std::lock_guard lock(peace);
      std::error_code ignored;
      for (auto entry = fs::directory_iterator(folder, ignored); !ignored && entry != fs::directory_iterator(); entry.increment(ignored)) {
        const std::string name = entry->path().filename();
        // What is being made, nearly always; what is there, now and then.
        if (name.find(".new") == std::string::npos && turn % 64 != 0) continue;
        plant(name, turn % 2 == 0);
        ++swaps;
      }
    }
  });
  int renewed = 0;
  for (int round = 0; round < kRounds && !HasFailure(); ++round) {
    {
      const std::lock_guard lock(peace);
      make_pair();
    }
    if (const auto found = CertificatePair::open(folder / "api.crt")) {
      const auto next = found->next_key(crypto::KeyKind::p256);
      if (next && found->keep(certificate_pem(*next), *next)) {
        const auto installed = found->install();
        if (installed && *installed) ++renewed;
      }
      found->finished();
    }
    const std::lock_guard lock(peace);  // or this test, as root, reads through a link that came between two looks
    EXPECT_TRUE(victim_is_untouched()) << "round " << round;
    EXPECT_FALSE(given_away()) << "round " << round;
  }
  ended = true;
  attack.join();
  EXPECT_GT(swaps, kRounds) << "nobody raced";
  EXPECT_GT(renewed, 0) << "nothing was renewed";
}

TEST_F(Pair, what_is_no_pair_is_said_so) {
  EXPECT_EQ(CertificatePair::open(folder / "none.crt").error().reason, "file-error");
  EXPECT_EQ(CertificatePair::open(folder / "api.key").error().reason, "file-name");
  fs::remove(folder / "api.key");
  EXPECT_EQ(CertificatePair::open(folder / "api.crt").error().reason, "key-file-missing");
}

}  // namespace
}  // namespace quicklime::command_line
