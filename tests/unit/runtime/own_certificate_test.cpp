#include "runtime/own_certificate.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "base/file.hpp"
#include "ca/authority.hpp"
#include "crypto/random.hpp"
#include "support/temporary_directory.hpp"

namespace quicklime::runtime {
namespace {

using namespace std::chrono_literals;
using async::Task;
using Chain = std::vector<pki::Certificate>;

class SetClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_milliseconds(now_.load()); }
  void advance(Milliseconds duration) { now_ += duration.count(); }

 private:
  std::atomic<std::int64_t> now_{SystemClock().now().whole_seconds().milliseconds()};
};

// A CA that certifies everything, as it does: backdated by a minute, in whole seconds. Can be down.
class LocalCa {
 public:
  explicit LocalCa(const Clock& clock) : clock_(clock) {
    const ca::AuthorityPlan plan{.organization = "Acme Corp", .public_url = "http://ca.internal:8080"};
    auto root = ca::make_root(plan, clock.now());
    auto issuing = ca::make_issuing(plan, *root, clock.now());
    signer_ = std::make_unique<crypto::KeySigner>(issuing->key);
    certificate_ = issuing->certificate;
  }
  Task<Result<Chain>> certify(pki::Csr csr, Milliseconds lifetime) {
    if (down) co_return fail(ErrorCode::unavailable, "server-unreachable", "the CA is down");
    ++issued;
    const pki::CertificateTemplate pattern({.issuer = certificate_->subject(),
                                            .authority_key_identifier = certificate_->subject_key_identifier(),
                                            .key_usages = {pki::KeyUsage::digital_signature},
                                            .extended_key_usages = {std::string(pki::oid::server_auth)},
                                            .is_ca = false,
                                            .path_length = std::nullopt,
                                            .ocsp_urls = {},
                                            .ca_issuer_urls = {},
                                            .crl_urls = {},
                                            .signature_algorithm = signer_->algorithm()});
    const SerialNumber serial = crypto::random_serial_number();
    const Instant now = clock_.now();
    auto der = pattern.sign({serial, csr.subject(), csr.alternative_names(), csr.public_key().spki(), (now - 60s).whole_seconds(),
                             (now + lifetime).whole_seconds()},
                            *signer_);
    if (!der) co_return forward(der);
    Chain chain{*pki::Certificate::parse(*der), *certificate_};
    co_return chain;
  }

  std::atomic<bool> down = false;
  std::atomic<int> issued = 0;

 private:
  const Clock& clock_;
  std::unique_ptr<crypto::KeySigner> signer_;
  std::optional<pki::Certificate> certificate_;
};

class OwnCertificateTest : public testing::Test {
 protected:
  OwnCertificate own(const Clock& clock, LocalCa& local_ca, Milliseconds lifetime,
                     std::vector<std::string> names = {"ca.internal", "127.0.0.1"}, const std::string& name = "tls") {
    OwnCertificate::Plan plan{name, {}, lifetime};
    for (const std::string& each : names) plan.names.push_back(*pki::AlternativeName::guess(each));
    return OwnCertificate(
        directory, plan, [&local_ca](pki::Csr csr, Milliseconds asked) { return local_ca.certify(std::move(csr), asked); },
        [this](const Certified& certified) {
          const std::lock_guard lock(mutex);
          in_use.push_back(certified);
        },
        clock, [this](pki::Certificate certificate) -> Task<bool> { return is_taken_back(certificate.serial().hex()); });
  }
  Task<bool> is_taken_back(std::string serial) {
    const std::lock_guard lock(mutex);
    co_return taken_back.contains(serial);
  }
  void take_back(const Certified& certified) {
    const std::lock_guard lock(mutex);
    taken_back.insert(certified.chain.front().serial().hex());
  }
  Result<void> start(OwnCertificate& certificate) { return async::run_to_end(certificate.start()); }
  // A process that begins now: which certificate does it use?
  std::string started(const Clock& clock, LocalCa& local_ca, Milliseconds lifetime,
                      std::vector<std::string> names = {"ca.internal", "127.0.0.1"}) {
    auto certificate = own(clock, local_ca, lifetime, std::move(names));
    const auto done = start(certificate);
    EXPECT_TRUE(done) << done.error().detail;
    return done ? latest().chain.front().serial().hex() : "none";
  }
  Certified latest() {
    const std::lock_guard lock(mutex);
    return in_use.back();
  }

  test::TemporaryDirectory temporary;
  std::filesystem::path directory = temporary.path() / "own";
  SetClock clock;
  LocalCa local_ca{clock};
  std::mutex mutex;
  std::vector<Certified> in_use;
  std::set<std::string> taken_back;
};

TEST_F(OwnCertificateTest, TheFirstStartHasOneIssuedForItsNamesAndKeepsIt) {
  started(clock, local_ca, 7 * 24h);
  EXPECT_EQ(local_ca.issued, 1);
  const Certified certified = latest();
  EXPECT_EQ(certified.chain.size(), 2U);
  EXPECT_EQ(certified.chain.front().alternative_names().size(), 2U);
  EXPECT_EQ(certified.chain.front().spki(), certified.key.public_key().spki());
  struct stat found {};
  ASSERT_EQ(::stat((directory / "tls.key").c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0600U);
  ASSERT_EQ(::stat(directory.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777U, 0700U);
}

TEST_F(OwnCertificateTest, AResponderHasANameAndNoAlternativeNames) {
  auto responder = own(clock, local_ca, 7 * 24h, {}, "ocsp-issuing-1");
  ASSERT_TRUE(start(responder));
  EXPECT_EQ(latest().chain.front().subject().common_name(), "ocsp-issuing-1");
  EXPECT_TRUE(latest().chain.front().alternative_names().empty());
}

TEST_F(OwnCertificateTest, ARestartGoesOnWithTheOneKept) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  clock.advance(4 * 24h);
  EXPECT_EQ(started(clock, local_ca, 7 * 24h), first);
  EXPECT_EQ(started(clock, local_ca, 7 * 24h, {"127.0.0.1", "ca.internal"}), first) << "the order of names means nothing";
  EXPECT_EQ(local_ca.issued, 1);
}

TEST_F(OwnCertificateTest, ARestartPastTwoThirdsOfItsLifeHasANewOne) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  clock.advance(5 * 24h);
  EXPECT_NE(started(clock, local_ca, 7 * 24h), first);
}

TEST_F(OwnCertificateTest, ARestartWithOtherNamesHasANewOne) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  EXPECT_NE(started(clock, local_ca, 7 * 24h, {"ca.internal"}), first);
}

TEST_F(OwnCertificateTest, ALifetimeMadeShorterIsObeyedAtOnce) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  EXPECT_NE(started(clock, local_ca, 10s), first);
}

// It goes on to serve until its CA's last minute.
TEST_F(OwnCertificateTest, NearTheEndOfItsCaItAsksForAsMuchAsIsLeft) {
  const Instant end = clock.now() + 1h;
  OwnCertificate::Plan plan{"tls", {*pki::AlternativeName::guess("ca.internal")}, 7 * 24h, crypto::KeyKind::p256, end};
  const auto certify = [&](pki::Csr csr, Milliseconds asked) { return local_ca.certify(std::move(csr), asked); };
  for (const Milliseconds left : {Milliseconds(1h), Milliseconds(20min), Milliseconds(2min)}) {
    clock.advance(end - clock.now() - left);
    OwnCertificate certificate(
        directory, plan, certify, [&](const Certified& certified) { in_use.push_back(certified); }, clock);
    ASSERT_TRUE(start(certificate));
    EXPECT_EQ(in_use.back().chain.front().not_after(), end - 1min) << left.count();
  }
  EXPECT_EQ(local_ca.issued, 3);
}

// Ten seconds of use, and a beginning a minute ago: by its dates alone it would be past two thirds at birth.
TEST_F(OwnCertificateTest, OneOfTenSecondsIsGoodForSixOfThem) {
  const std::string first = started(clock, local_ca, 10s);
  clock.advance(6s);
  EXPECT_EQ(started(clock, local_ca, 10s), first);
  clock.advance(1s);
  EXPECT_NE(started(clock, local_ca, 10s), first);
}

TEST_F(OwnCertificateTest, ACrashBetweenKeyAndCertificateCostsOnlyANewOne) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  const auto key = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  ASSERT_TRUE(write_file(directory / "tls.key", key->to_pem()->reveal(), FileMode::private_, Overwrite::yes));
  EXPECT_NE(started(clock, local_ca, 7 * 24h), first);
}

TEST_F(OwnCertificateTest, RubbishInItsFilesCostsOnlyANewOne) {
  const std::string first = started(clock, local_ca, 7 * 24h);
  ASSERT_TRUE(write_file(directory / "tls.crt", "-----BEGIN CERTIFICATE-----\n", FileMode::public_, Overwrite::yes));
  EXPECT_NE(started(clock, local_ca, 7 * 24h), first);
}

TEST_F(OwnCertificateTest, ADiskThatKeepsNothingDoesNotKeepItFromServing) {
  ASSERT_TRUE(write_file(directory, "a file where the directory should be", FileMode::public_, Overwrite::no));
  started(clock, local_ca, 7 * 24h);
  EXPECT_EQ(in_use.size(), 1U);
}

TEST_F(OwnCertificateTest, WithoutACaTheStartSaysSo) {
  local_ca.down = true;
  auto certificate = own(clock, local_ca, 7 * 24h);
  const auto done = start(certificate);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().reason, "server-unreachable");
  EXPECT_TRUE(in_use.empty());
}

TEST_F(OwnCertificateTest, ACertificateForAnotherKeyIsNeverUsed) {
  const auto other = crypto::PrivateKey::generate(crypto::KeyKind::p256);
  const auto name = pki::AlternativeName::guess("ca.internal");
  OwnCertificate certificate(
      directory, {"tls", {*name}, 10s},
      [&](pki::Csr, Milliseconds lifetime) { return local_ca.certify(*pki::Csr::make(pki::Name::empty(), {*name}, *other), lifetime); },
      [this](const Certified& certified) { in_use.push_back(certified); }, clock);
  EXPECT_EQ(start(certificate).error().reason, "own-certificate-wrong");
  EXPECT_TRUE(in_use.empty());
}

// The story of the issue, shortened: certificates of three seconds, a client that looks every few milliseconds.
TEST_F(OwnCertificateTest, AClientThatLooksAllTheTimeNeverSeesAnExpiredOne) {
  const SystemClock real;
  LocalCa real_ca(real);
  auto certificate = own(real, real_ca, 3s);
  ASSERT_TRUE(start(certificate));
  async::LoopThread thread("own");
  thread.loop().spawn(certificate.keep_fresh());

  int expired = 0;
  const Instant begun = real.now();
  for (Instant now = begun; now < begun + 5s || (real_ca.issued < 3 && now < begun + 20s); now = real.now()) {
    if (latest().chain.front().not_after() <= now) ++expired;
    real_ca.down = now > begun + 500ms && now < begun + 750ms;  // a short outage
    std::this_thread::sleep_for(5ms);
  }
  EXPECT_EQ(expired, 0);
  EXPECT_GE(real_ca.issued, 3);
  EXPECT_LE(real_ca.issued, 10) << "a certificate is used for about two thirds of its life";
  const std::lock_guard lock(mutex);
  EXPECT_NE(in_use.front().key.public_key().spki(), in_use.back().key.public_key().spki()) << "each has a fresh key";
}

// A process that was started while the clock was ahead has a certificate that nobody believes until then.
TEST_F(OwnCertificateTest, OneThatIsNotValidYetIsReplacedWhenTheClockIsPutRight) {
  clock.advance(30 * 24h);
  auto certificate = own(clock, local_ca, 3s);
  ASSERT_TRUE(start(certificate));
  async::LoopThread thread("own");
  thread.loop().spawn(certificate.keep_fresh());
  clock.advance(-30 * 24h);
  for (int i = 0; i < 2'000 && local_ca.issued < 2; ++i) std::this_thread::sleep_for(10ms);
  for (int i = 0; i < 2'000 && latest().chain.front().not_before() > clock.now(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_LE(latest().chain.front().not_before(), clock.now());
}

TEST_F(OwnCertificateTest, ARestartDoesNotGoOnWithOneThatWasTakenBack) {
  started(clock, local_ca, 7 * 24h);
  const Certified stolen = latest();
  take_back(stolen);
  EXPECT_NE(started(clock, local_ca, 7 * 24h), stolen.chain.front().serial().hex());
  EXPECT_NE(latest().key.public_key().spki(), stolen.key.public_key().spki());
}

// Its key was stolen: nobody waits for two thirds of a week.
TEST_F(OwnCertificateTest, OneThatIsTakenBackIsReplacedWithAnotherKeyOnce) {
  auto certificate = own(clock, local_ca, 7 * 24h);
  ASSERT_TRUE(start(certificate));
  const Certified stolen = latest();
  local_ca.down = true;
  async::LoopThread thread("own");
  thread.loop().spawn(certificate.keep_fresh());
  take_back(stolen);
  std::this_thread::sleep_for(1500ms);
  EXPECT_EQ(latest().chain.front().serial(), stolen.chain.front().serial()) << "nobody certifies another one now";
  local_ca.down = false;
  for (int i = 0; i < 2'000 && local_ca.issued < 2; ++i) std::this_thread::sleep_for(10ms);
  for (int i = 0; i < 2'000 && latest().chain.front().serial() == stolen.chain.front().serial(); ++i) std::this_thread::sleep_for(10ms);
  EXPECT_NE(latest().key.public_key().spki(), stolen.key.public_key().spki());
  std::this_thread::sleep_for(2500ms);
  EXPECT_EQ(local_ca.issued, 2) << "the one that followed is good";
}

TEST_F(OwnCertificateTest, AStartThatFailedIsMadeGoodWhenTheCaIsBack) {
  local_ca.down = true;
  auto certificate = own(clock, local_ca, 3s);
  ASSERT_FALSE(start(certificate));
  async::LoopThread thread("own");
  thread.loop().spawn(certificate.keep_fresh());
  std::this_thread::sleep_for(150ms);
  local_ca.down = false;
  for (int i = 0; i < 2'000 && local_ca.issued == 0; ++i) std::this_thread::sleep_for(10ms);
  EXPECT_GE(local_ca.issued, 1);
}

}  // namespace
}  // namespace quicklime::runtime
