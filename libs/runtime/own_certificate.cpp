#include "runtime/own_certificate.hpp"

#include <algorithm>

#include "base/directory.hpp"
#include "base/file.hpp"
#include "base/logging.hpp"
#include "ca/authority.hpp"
#include "crypto/random.hpp"

namespace quicklime::runtime {
namespace {

// So soon a clock that was set is noticed: until then nobody believes what was made by the one before.
constexpr Milliseconds kLook{1'000};

// Uniform in [0, limit), to a millionth.
Milliseconds random_part(Milliseconds limit) {
  std::uint64_t random = 0;
  for (const char octet : crypto::random_bytes(3)) random = random << 8 | static_cast<unsigned char>(octet);
  return Milliseconds(static_cast<std::int64_t>(static_cast<double>(limit.count()) * static_cast<double>(random) / (1 << 24)));
}

bool same_names(std::vector<pki::AlternativeName> left, std::vector<pki::AlternativeName> right) {
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  return left == right;
}

Result<std::vector<pki::Certificate>> read_chain(const std::filesystem::path& file) {
  auto text = read_file(file);
  if (!text) return forward(text);
  return pki::certificates_in(*text);
}

}  // namespace

OwnCertificate::OwnCertificate(std::filesystem::path directory, Plan plan, Certify certify, InUse in_use, const Clock& clock,
                               TakenBack taken_back)
    : directory_(std::move(directory)),
      plan_(std::move(plan)),
      certify_(std::move(certify)),
      in_use_(std::move(in_use)),
      clock_(clock),
      taken_back_(std::move(taken_back)) {}

// Backdating makes a certificate look older than it is: one that lives 10 seconds and begins a minute before its making would
// be past 2/3 of its dates at birth. The plan knows how long it was to be used.
Milliseconds OwnCertificate::life(const pki::Certificate& certificate) const {
  return std::min(plan_.lifetime, certificate.not_after() - certificate.not_before());
}

// A minute less than what is left: the clock of whoever certifies may be behind.
Milliseconds OwnCertificate::lifetime() const {
  if (!plan_.authority_ends) return plan_.lifetime;
  const Milliseconds left = *plan_.authority_ends - clock_.now().whole_seconds() - std::chrono::minutes(1);
  return left > Milliseconds(0) ? std::min(plan_.lifetime, left) : plan_.lifetime;
}

async::Task<Result<void>> OwnCertificate::start() {
  if (const auto found = kept()) {
    const bool gone = co_await taken_back(found->chain.front());
    if (!gone) {
      use(*found);
      co_return Result<void>();
    }
  }
  co_return co_await renew();
}

async::Task<bool> OwnCertificate::taken_back(pki::Certificate certificate) const {
  if (!taken_back_) co_return false;
  const bool gone = co_await taken_back_(certificate);
  if (!gone) co_return false;
  log::warning("own certificate was revoked, or its key reported as compromised; having another one made for another key",
               {{"name", plan_.name}, {"serial", certificate.serial().hex()}});
  co_return true;
}

std::optional<Certified> OwnCertificate::kept() const {
  auto pem = read_secret_file(directory_ / (plan_.name + ".key"));
  auto chain = read_chain(directory_ / (plan_.name + ".crt"));
  if (!pem || !chain || chain->empty()) return std::nullopt;
  auto key = crypto::PrivateKey::from_pem(*pem);
  const pki::Certificate& leaf = chain->front();
  const Instant now = clock_.now();
  const bool good = key && key->kind() == plan_.key_kind && key->public_key().spki() == leaf.spki() &&
                    same_names(leaf.alternative_names(), plan_.names) && leaf.not_before() <= now &&
                    now < leaf.not_after() - life(leaf) / 3 && leaf.not_after() <= now + plan_.lifetime;
  if (!good) return std::nullopt;
  return Certified{std::move(*chain), std::move(*key)};
}

async::Task<Result<void>> OwnCertificate::renew() {
  auto key = crypto::PrivateKey::generate(plan_.key_kind);
  if (!key) co_return forward(key);
  const pki::Name subject = plan_.names.empty() ? pki::Name::common_name(plan_.name) : pki::Name::empty();
  auto csr = pki::Csr::make(subject, plan_.names, *key);
  if (!csr) co_return forward(csr);
  auto chain = co_await certify_(std::move(*csr), lifetime());
  if (!chain) co_return forward(chain);
  if (chain->empty() || chain->front().spki() != key->public_key().spki() || chain->front().not_after() <= clock_.now()) {
    co_return fail(ErrorCode::internal, "own-certificate-wrong",
                   "the certificate issued for " + plan_.name + " is not valid now or is not for the key that asked");
  }

  // Key first: a crash between the two leaves a pair that does not match, which the next start replaces.
  auto pem = key->to_pem();
  if (!pem) co_return forward(pem);
  auto written = make_private_directory(directory_);
  if (written) written = write_file(directory_ / (plan_.name + ".key"), pem->reveal(), FileMode::private_, Overwrite::yes);
  if (written) written = write_file(directory_ / (plan_.name + ".crt"), ca::pem(*chain), FileMode::public_, Overwrite::yes);
  if (!written) log::warning("own certificate not kept over restarts", {{"name", plan_.name}, {"error", written.error().detail}});

  use(Certified{std::move(*chain), std::move(*key)});
  co_return Result<void>();
}

// The jitter only ever makes it earlier, so that a third of life is left for trying again.
void OwnCertificate::use(const Certified& certified) {
  const pki::Certificate& leaf = certified.chain.front();
  leaf_ = leaf;
  renew_at_ = leaf.not_after() - life(leaf) / 3 - random_part(life(leaf) / 10);
  log::info("own certificate in use",
            {{"name", plan_.name}, {"serial", leaf.serial().hex()}, {"not_after", leaf.not_after().rfc3339_seconds()}});
  in_use_(certified);
}

async::Task<void> OwnCertificate::keep_fresh() {
  // Also the longest sleep: a machine that was suspended, or a clock that was set, is noticed as soon.
  const Milliseconds pause = std::clamp<Milliseconds>(plan_.lifetime / 30, Milliseconds(10), std::chrono::minutes(1));
  Milliseconds again = kLook;
  for (;;) {
    const Instant now = clock_.now();
    // One that was made while the clock was ahead is good for nobody until then.
    bool good = leaf_ && now < *renew_at_ && now >= leaf_->not_before();
    if (good) {
      const bool gone = co_await taken_back(*leaf_);
      good = !gone;
    }
    if (good) {
      again = kLook;
      const Milliseconds rest = std::min({pause, *renew_at_ - now, kLook});
      co_await async::sleep_for(rest);
      continue;
    }
    const auto renewed = co_await renew();
    if (!renewed) log::error("own certificate not renewed; trying again", {{"name", plan_.name}, {"error", renewed.error().detail}});
    // After a success too, and ever longer: whatever dates come back, the log does not fill with our own certificates.
    const Milliseconds rest = std::min(again, pause);
    again = std::min(2 * again, Milliseconds(std::chrono::minutes(1)));
    co_await async::sleep_for(rest);
  }
}

}  // namespace quicklime::runtime
