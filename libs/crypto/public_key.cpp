#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <array>
#include <cstring>

#include "base/work.hpp"
#include "crypto/der.hpp"
#include "crypto/hash.hpp"
#include "crypto/key.hpp"
#include "crypto/openssl.hpp"

namespace quicklime::crypto {
namespace {
using namespace std::string_view_literals;

constexpr std::string_view kAccepted = "accepted are EC P-256 and RSA with 2048, 3072 or 4096 bits";
constexpr std::string_view kEcPublicKey = "\x2A\x86\x48\xCE\x3D\x02\x01"sv;            // id-ecPublicKey, RFC 5480 section 2.1.1
constexpr std::string_view kPrime256v1 = "\x2A\x86\x48\xCE\x3D\x03\x01\x07"sv;         // secp256r1, RFC 5480 section 2.1.1.1
constexpr std::string_view kRsaEncryption = "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01"sv;  // RFC 3279 section 2.3.1
constexpr std::size_t kPointSize = 65;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Failure refused(std::string reason, std::string detail) {
  return fail(ErrorCode::invalid, std::move(reason), std::move(detail), "subjectPublicKeyInfo");
}

// One P-256 key and one context per thread, into which the point at hand is loaded: making an
// EVP_PKEY for every request costs an eighth of a verification and takes locks.
class P256Verifier {
 public:
  P256Verifier() : key_(EVP_EC_gen("P-256")), context_(EVP_PKEY_CTX_new(key_.get(), nullptr)) {
    require(key_ != nullptr && context_ != nullptr, "no P-256");
  }
  // False for a point that is not on the curve.
  bool load(std::string_view point) {
    if (loaded_ && point == std::string_view(point_.data(), point_.size())) return true;
    loaded_ = point.size() == kPointSize && EVP_PKEY_set1_encoded_public_key(key_.get(), octets(point), point.size()) == 1;
    if (loaded_) std::memcpy(point_.data(), point.data(), point.size());
    return loaded_;
  }
  bool verify(std::string_view digest, std::string_view signature) {
    // A new init for every key, so that nothing of the key before can be in the context.
    return EVP_PKEY_verify_init(context_.get()) == 1 &&
           EVP_PKEY_verify(context_.get(), octets(signature), signature.size(), octets(digest), digest.size()) == 1;
  }
  static P256Verifier& of_this_thread() {
    thread_local P256Verifier verifier;
    return verifier;
  }

 private:
  KeyPointer key_;
  KeyContext context_;
  std::array<char, kPointSize> point_{};
  bool loaded_ = false;
};

// The point of a P-256 SubjectPublicKeyInfo that was checked before: its end.
std::string_view point_of(std::string_view spki) { return spki.substr(spki.size() - kPointSize); }

// The remainder by a divisor below 2^32, without bignum: from_spki runs for every RSA request.
std::uint64_t remainder(std::string_view number, std::uint64_t divisor) {
  std::uint64_t rest = 0;
  for (std::size_t i = 0; i + 4 <= number.size(); i += 4) {
    std::uint64_t word = 0;
    for (std::size_t j = 0; j < 4; ++j) word = (word << 8U) | static_cast<unsigned char>(number[i + j]);
    rest = ((rest << 32U) | word) % divisor;
  }
  return rest;
}

// A prime below 752 divides it (the bound of NIST SP 800-89 section 5.3.3). The size is a multiple of four octets.
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

KeyPointer make_rsa(std::string_view modulus, std::string_view exponent) {
  using Number = std::unique_ptr<BIGNUM, Deleter<BN_free>>;
  const Number n(BN_bin2bn(octets(modulus), static_cast<int>(modulus.size()), nullptr));
  const Number e(BN_bin2bn(octets(exponent), static_cast<int>(exponent.size()), nullptr));
  const std::unique_ptr<OSSL_PARAM_BLD, Deleter<OSSL_PARAM_BLD_free>> builder(OSSL_PARAM_BLD_new());
  require(n && e && builder && OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get()) == 1 &&
              OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get()) == 1,
          "RSA parameters");
  const std::unique_ptr<OSSL_PARAM, Deleter<OSSL_PARAM_free>> parameters(OSSL_PARAM_BLD_to_param(builder.get()));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr));
  EVP_PKEY* key = nullptr;
  const bool made = parameters && context && EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) == 1;
  KeyPointer owned(key);
  if (!made) drain_errors();
  return made ? std::move(owned) : nullptr;
}

Result<KeyPointer> read_rsa(std::string_view public_key, KeyKind& kind) {
  DerReader outer(public_key);
  auto fields = outer.enter(Tag::sequence);  // RSAPublicKey, RFC 8017 appendix A.1.1
  const auto modulus = fields ? fields->unsigned_integer() : std::nullopt;
  const auto exponent = modulus ? fields->unsigned_integer() : std::nullopt;
  if (!exponent || !fields->empty() || !outer.empty() || modulus->empty() || exponent->empty()) {
    return refused("key-malformed", "the RSA public key is not two positive INTEGERs in DER");
  }
  const auto top = static_cast<unsigned char>(modulus->front());
  const std::size_t bits = modulus->size() * 8 - static_cast<std::size_t>(__builtin_clz(top) - 24);
  if (bits < 2048) return refused("key-weak", "an RSA key of " + std::to_string(bits) + " bits is too short; use at least 2048");
  switch (bits) {
    case 2048: kind = KeyKind::rsa2048; break;
    case 3072: kind = KeyKind::rsa3072; break;
    case 4096: kind = KeyKind::rsa4096; break;
    default: return refused("key-kind-unsupported", "an RSA key of " + std::to_string(bits) + " bits; " + std::string(kAccepted));
  }
  // At most 64 bits (SP 800-89 allows 256): a larger one only makes each verification dear.
  if (exponent->size() < 3 || exponent->size() > 8 || (static_cast<unsigned char>(exponent->back()) & 1U) == 0) {
    return refused("key-weak", "the RSA public exponent must be odd, at least 65537 and below 2^64");
  }
  if (has_small_factor(*modulus))
    return refused("key-weak", "the RSA modulus has a small factor, so it is not a product of two large primes");
  KeyPointer key = make_rsa(*modulus, *exponent);
  if (!key) return refused("key-malformed", "OpenSSL does not take the RSA key");
  return key;
}

struct Scheme {
  bool is_ec;
  const EVP_MD* hash;
};
Scheme scheme_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256: return {true, fetched_sha256()};
    case SignatureAlgorithm::rsa_sha256: return {false, fetched_sha256()};
    case SignatureAlgorithm::ecdsa_sha384: return {true, EVP_sha384()};
    case SignatureAlgorithm::ecdsa_sha512: return {true, EVP_sha512()};
    case SignatureAlgorithm::rsa_sha384: return {false, EVP_sha384()};
    case SignatureAlgorithm::rsa_sha512: return {false, EVP_sha512()};
  }
  return {false, nullptr};
}

}  // namespace

std::string_view name(KeyKind kind) {
  switch (kind) {
    case KeyKind::p256: return "P-256";
    case KeyKind::rsa2048: return "RSA-2048";
    case KeyKind::rsa3072: return "RSA-3072";
    case KeyKind::rsa4096: return "RSA-4096";
  }
  return {};
}

Result<KeyKind> parse_key_kind(std::string_view text) {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::rsa2048, KeyKind::rsa3072, KeyKind::rsa4096}) {
    if (text == name(kind)) return kind;
  }
  return fail(ErrorCode::invalid, "key-kind-unsupported",
              "unknown kind of key '" + std::string(text) + "'; known are P-256, RSA-2048, RSA-3072, RSA-4096");
}

std::string_view name(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256: return "ecdsa-with-SHA256";
    case SignatureAlgorithm::rsa_sha256: return "sha256WithRSAEncryption";
    case SignatureAlgorithm::ecdsa_sha384: return "ecdsa-with-SHA384";
    case SignatureAlgorithm::ecdsa_sha512: return "ecdsa-with-SHA512";
    case SignatureAlgorithm::rsa_sha384: return "sha384WithRSAEncryption";
    case SignatureAlgorithm::rsa_sha512: return "sha512WithRSAEncryption";
  }
  return {};
}

Result<PublicKey> PublicKey::from_spki(std::string_view der) {
  DerReader outer(der);
  auto spki = outer.enter(Tag::sequence);  // SubjectPublicKeyInfo, RFC 5280 section 4.1
  auto algorithm = spki ? spki->enter(Tag::sequence) : std::nullopt;
  const auto identifier = algorithm ? algorithm->value(Tag::object_identifier) : std::nullopt;
  const auto bits = identifier ? spki->bit_string() : std::nullopt;
  if (!bits || !spki->empty()) return refused("key-malformed", "the public key is not a SubjectPublicKeyInfo in DER");
  if (!outer.empty()) return refused("key-malformed", "there are bytes behind the public key");

  auto handle = std::make_shared<Handle>();
  handle->spki = std::string(der);
  if (*identifier == kEcPublicKey) {
    const auto curve = algorithm->value(Tag::object_identifier);
    if (!curve || !algorithm->empty() || *curve != kPrime256v1) {
      return refused("key-kind-unsupported", "an EC key on another curve than the named curve P-256; " + std::string(kAccepted));
    }
    if (bits->size() != kPointSize || bits->front() != '\x04') {
      return refused("key-malformed", "the EC point must be uncompressed: 04 and two coordinates of 32 octets");
    }
    if (!P256Verifier::of_this_thread().load(*bits)) {
      drain_errors();
      return refused("key-malformed", "the EC point is not on the curve P-256");
    }
    handle->kind = KeyKind::p256;
  } else if (*identifier == kRsaEncryption) {
    const auto null = algorithm->value(Tag::null);  // RFC 3279 section 2.3.1: the parameters MUST be NULL
    if (!null || !null->empty() || !algorithm->empty()) return refused("key-malformed", "the parameters of an RSA key must be NULL");
    auto key = read_rsa(*bits, handle->kind);
    if (!key) return forward(std::move(key));
    handle->rsa = std::move(*key);
  } else {
    return refused("key-kind-unsupported", "a key that is neither EC nor RSA; " + std::string(kAccepted));
  }
  return PublicKey(std::move(handle));
}

KeyKind PublicKey::kind() const { return handle_->kind; }
const std::string& PublicKey::spki() const { return handle_->spki; }

bool PublicKey::verifies(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const {
  work::count(work::Kind::signature_checked);
  const Scheme scheme = scheme_of(algorithm);
  const bool is_ec = handle_->kind == KeyKind::p256;
  if (is_ec != scheme.is_ec) return false;
  std::array<char, EVP_MAX_MD_SIZE> bytes;
  const std::string_view digest = digest_into(bytes, scheme.hash, message);
  bool good = false;
  if (is_ec) {
    P256Verifier& verifier = P256Verifier::of_this_thread();
    good = verifier.load(point_of(handle_->spki)) && verifier.verify(digest, signature);
  } else {
    const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, handle_->rsa.get(), nullptr));
    good = context && EVP_PKEY_verify_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context.get(), scheme.hash) == 1 &&
           EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(digest), digest.size()) == 1;
  }
  if (!good) drain_errors();
  return good;
}

}  // namespace quicklime::crypto
