#include "crypto/weak_rsa.hpp"

#include <openssl/bn.h>

#include <array>
#include <cstdint>

#include "crypto/openssl.hpp"

namespace quicklime::crypto {
namespace {

using BigNumber = std::unique_ptr<BIGNUM, Deleter<BN_free>>;

// The remainder by a divisor below 2^32, without bignum: this runs for every RSA request.
std::uint64_t remainder(std::string_view number, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i + 4 <= number.size(); i += 4) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 4; ++j) word = (word << 8U) | static_cast<unsigned char>(number[i + j]);
    rest = ((rest << 32U) | word) % divisor;
  }
  return rest;
}

// A prime below 752 divides it (the bound of NIST SP 800-89 section 5.3.3).
bool has_small_factor(std::string_view modulus) {
  std::uint64_t product = 1;
  std::array<bool, 752> composite{};
  for (std::uint64_t prime = 3; prime < composite.size(); prime += 2) {
    if (composite[prime]) continue;
    for (std::uint64_t multiple = prime * prime; multiple < composite.size(); multiple += prime) composite[multiple] = true;
    if (product * prime >= (std::uint64_t{1} << 32U)) {
      const std::uint64_t rest = remainder(modulus, product);
      for (std::uint64_t divisor = 3; divisor <= prime; divisor += 2) {
        if (product % divisor == 0 && rest % divisor == 0) return true;
      }
      product = 1;
    }
    product *= prime;
  }
  const std::uint64_t rest = remainder(modulus, product);
  for (std::uint64_t divisor = 3; divisor < composite.size(); divisor += 2) {
    if (product % divisor == 0 && rest % divisor == 0) return true;
  }
  return (static_cast<unsigned char>(modulus.back()) & 1U) == 0;
}

// ROCA (CVE-2017-15361; Nemec et al., CCS 2017, section 2.2): both primes are k * M + (65537^a mod M), M the product of the first
// primes, so that the modulus is a power of 65537 by each of those. By chance it is so for one of 250 million.
bool is_of_infineon(std::string_view modulus) {
  for (const unsigned prime : {11U, 13U, 17U, 19U, 37U, 53U,  61U,  71U,  73U,  79U,  97U,  103U, 7U,   23U,  29U,  31U,  41U,  43U,
                               47U, 59U, 67U, 83U, 89U, 101U, 107U, 109U, 113U, 127U, 131U, 137U, 139U, 149U, 151U, 157U, 163U, 167U}) {
    const auto rest = static_cast<unsigned>(remainder(modulus, prime));
    unsigned power = 1;
    do {
      power = power * (65537U % prime) % prime;
    } while (power != rest && power != 1);
    if (power != rest) return false;
  }
  return true;
}

// floor(sqrt(n)), by Newton's method from above.
BigNumber square_root(const BIGNUM* n, BN_CTX* context) {
  BigNumber root(BN_new()), next(BN_new());
  require(root && next && BN_set_bit(root.get(), (BN_num_bits(n) + 1) / 2) == 1, "BIGNUM");
  for (;;) {
    require(BN_div(next.get(), nullptr, n, root.get(), context) == 1 && BN_add(next.get(), next.get(), root.get()) == 1 &&
                BN_rshift1(next.get(), next.get()) == 1,
            "BIGNUM");
    if (BN_cmp(next.get(), root.get()) >= 0) return root;
    root.swap(next);
  }
}

// What squares are by these moduli; others are refuted without a root. Together one of 700 numbers is left.
bool may_be_a_square(const BIGNUM* n) {
  for (const unsigned modulus : {64U, 63U, 65U, 11U, 17U, 19U, 23U}) {
    const auto rest = static_cast<unsigned>(BN_mod_word(n, modulus));
    bool found = false;
    for (unsigned root = 0; root <= modulus / 2 && !found; ++root) found = root * root % modulus == rest;
    if (!found) return false;
  }
  return true;
}

// Fermat: n = a^2 - b^2 with a near sqrt(n) when its primes are close (CVE-2022-26320). A hundred steps find every pair that was
// made by looking for the next prime, and none that was drawn at random.
bool has_close_primes(std::string_view modulus) {
  constexpr int kSteps = 100;
  const std::unique_ptr<BN_CTX, Deleter<BN_CTX_free>> context(BN_CTX_new());
  const BigNumber n(BN_bin2bn(reinterpret_cast<const unsigned char*>(modulus.data()), static_cast<int>(modulus.size()), nullptr));
  const BigNumber square(BN_new()), difference(BN_new());
  require(context && n && square && difference, "BIGNUM");
  const BigNumber a = square_root(n.get(), context.get());
  for (int step = 0; step < kSteps; ++step) {
    require(BN_sqr(square.get(), a.get(), context.get()) == 1 && BN_sub(difference.get(), square.get(), n.get()) == 1, "BIGNUM");
    if (BN_is_negative(difference.get()) == 0 && may_be_a_square(difference.get())) {
      const BigNumber b = square_root(difference.get(), context.get());
      require(BN_sqr(square.get(), b.get(), context.get()) == 1, "BIGNUM");
      if (BN_cmp(square.get(), difference.get()) == 0) return true;
    }
    require(BN_add_word(a.get(), 1) == 1, "BIGNUM");
  }
  return false;
}

}  // namespace

const char* weakness_of_modulus(std::string_view modulus) {
  if (has_small_factor(modulus)) return "the RSA modulus has a small factor, so it is not a product of two large primes";
  if (is_of_infineon(modulus)) {
    return "the RSA modulus is of the shape that Infineon's library made (ROCA, CVE-2017-15361), and can be factored: make the key "
           "elsewhere";
  }
  if (has_close_primes(modulus))
    return "the RSA modulus has two primes that are close to each other, and was factored (Fermat, CVE-2022-26320)";
  return nullptr;
}

}  // namespace quicklime::crypto
