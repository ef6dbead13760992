// Performance row 1: issuing in process, CSR DER to certificate DER, P-256, against one EVP_PKEY_verify and one
// EVP_PKEY_sign of a ready digest by ready contexts: what no certificate authority on this OpenSSL can do without.
#include <openssl/ec.h>
#include <openssl/evp.h>

#include "issuance.hpp"
#include "rounds.hpp"

namespace {
using namespace quicklime;

class Yardstick {
 public:
  Yardstick() : key_(EVP_EC_gen("P-256")), sign_(EVP_PKEY_CTX_new(key_, nullptr)), verify_(EVP_PKEY_CTX_new(key_, nullptr)) {
    if (EVP_PKEY_sign_init(sign_) != 1 || EVP_PKEY_verify_init(verify_) != 1) std::abort();
    once();
  }
  Yardstick(const Yardstick&) = delete;
  Yardstick& operator=(const Yardstick&) = delete;
  ~Yardstick() {
    EVP_PKEY_CTX_free(sign_);
    EVP_PKEY_CTX_free(verify_);
    EVP_PKEY_free(key_);
  }
  void once() {
    std::size_t size = sizeof(signature_);
    if (EVP_PKEY_sign(sign_, signature_, &size, digest_, sizeof(digest_)) != 1) std::abort();
    if (EVP_PKEY_verify(verify_, signature_, size, digest_, sizeof(digest_)) != 1) std::abort();
  }

 private:
  EVP_PKEY* key_;
  EVP_PKEY_CTX* sign_;
  EVP_PKEY_CTX* verify_;
  unsigned char digest_[32] = {1, 2, 3};
  unsigned char signature_[80]{};
};

constexpr std::size_t kBlocks = 40;
constexpr std::size_t kBlock = 100;
constexpr double kTarget = 1.15;
}  // namespace

int main() {
  const bench::Issuance issuance;
  Yardstick yardstick;
  std::size_t bytes = 0;
  const auto round = [&]() -> std::optional<double> {
    const double wall_start = bench::seconds(CLOCK_MONOTONIC);
    const double start = bench::seconds(CLOCK_THREAD_CPUTIME_ID);
    double issuing = 0;
    for (std::size_t block = 0; block < kBlocks; ++block) {  // interleaved: a change of clock rate meets both sides
      for (std::size_t i = 0; i < kBlock; ++i) yardstick.once();
      const double before = bench::seconds(CLOCK_THREAD_CPUTIME_ID);
      for (std::size_t i = 0; i < kBlock; ++i) bytes += issuance.issue(i);
      issuing += bench::seconds(CLOCK_THREAD_CPUTIME_ID) - before;
    }
    const double both = bench::seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    const double wall = bench::seconds(CLOCK_MONOTONIC) - wall_start;
    const double count = kBlocks * kBlock;
    const double ratio = issuing / (both - issuing);
    const bool counts = both / wall >= bench::kUndisturbed;
    std::printf("issue %.1f us CPU, verify + sign %.1f us CPU, ratio %.3f%s\n", issuing / count * 1e6, (both - issuing) / count * 1e6,
                ratio, counts ? "" : " (disturbed)");
    return counts ? std::optional(ratio) : std::nullopt;
  };
  const auto ratio = bench::median_of_rounds(5, round);
  if (!ratio || bytes == 0) return 2;
  std::printf("issuance ratio %.3f target <= %.2f\n", *ratio, kTarget);
  return *ratio <= kTarget ? 0 : 1;
}
