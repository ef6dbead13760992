#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/work.hpp"
#include "crypto/der.hpp"
#include "crypto/hash.hpp"
#include "crypto/key.hpp"
#include "crypto/openssl.hpp"
#include "crypto/weak_rsa.hpp"

namespace quicklime::crypto {
namespace {
using namespace std::string_literals;

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

Failure refused(std::string reason, std::string detail) {
  return fail(ErrorCode::invalid, std::move(reason), std::move(detail), "subjectPublicKeyInfo");
}

std::string accepted() { return "accepted are " + key_kind_list(); }

std::size_t point_size(const KeyKindRow& curve) { return 1 + 2 * ((curve.bits + 7) / 8); }

// For each curve one key and one context per thread, into which the point at hand is loaded: making an
// EVP_PKEY for every request costs an eighth of a verification and takes locks.
class EcVerifier {
 public:
  explicit EcVerifier(const KeyKindRow& curve)
      : size_(point_size(curve)),
        key_(EVP_EC_gen(std::string(curve.name).c_str())),
        context_(EVP_PKEY_CTX_new(key_.get(), nullptr)),
        point_(size_, '\0') {
    require(key_ != nullptr && context_ != nullptr, "a curve is missing");
  }
  // False for a point that is not on the curve.
  bool load(std::string_view point) {
    if (loaded_ && point == point_) return true;
    loaded_ = point.size() == size_ && EVP_PKEY_set1_encoded_public_key(key_.get(), octets(point), point.size()) == 1;
    if (loaded_) std::memcpy(point_.data(), point.data(), point.size());
    return loaded_;
  }
  bool verify(std::string_view digest, std::string_view signature) {
    // A new init for every key, so that nothing of the key before can be in the context.
    return EVP_PKEY_verify_init(context_.get()) == 1 &&
           EVP_PKEY_verify(context_.get(), octets(signature), signature.size(), octets(digest), digest.size()) == 1;
  }
  static EcVerifier& of_this_thread(KeyKind curve) {
    thread_local std::array<std::unique_ptr<EcVerifier>, 3> verifiers;  // the EC kinds come first in the table
    auto& verifier = verifiers.at(static_cast<std::size_t>(curve));
    if (!verifier) verifier = std::make_unique<EcVerifier>(row(curve));
    return *verifier;
  }

 private:
  std::size_t size_;
  KeyPointer key_;
  KeyContext context_;
  std::string point_;
  bool loaded_ = false;
};

// The point of an EC SubjectPublicKeyInfo that was checked before: its end.
std::string_view point_of(KeyKind curve, std::string_view spki) { return spki.substr(spki.size() - point_size(row(curve))); }

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
  const auto found = std::find_if(key_kinds().begin(), key_kinds().end(),
                                  [bits](const KeyKindRow& one) { return one.family == KeyFamily::rsa && one.bits == bits; });
  if (found == key_kinds().end()) {
    return refused("key-kind-unsupported", "an RSA key of " + std::to_string(bits) + " bits; " + accepted());
  }
  kind = found->kind;
  // At most 64 bits (SP 800-89 allows 256): a larger one only makes each verification dear.
  if (exponent->size() < 3 || exponent->size() > 8 || (static_cast<unsigned char>(exponent->back()) & 1U) == 0) {
    return refused("key-weak", "the RSA public exponent must be odd, at least 65537 and below 2^64");
  }
  if (const char* weakness = weakness_of_modulus(*modulus)) return refused("key-weak", weakness);
  KeyPointer key = make_rsa(*modulus, *exponent);
  if (!key) return refused("key-malformed", "OpenSSL does not take the RSA key");
  return key;
}

// RFC 8032: 32 octets, y and a sign. OpenSSL takes any: by a point of a small order everybody signs, and y has one form only.
Result<KeyPointer> read_edwards(std::string_view point) {
  if (point.size() != 32) return refused("key-malformed", "an Ed25519 key has 32 octets");
  std::string y(point.rbegin(), point.rend());  // big-endian
  y.front() = static_cast<char>(y.front() & 0x7F);
  static const std::string kPrime = "\x7F"s + std::string(30, '\xFF') + "\xED"s;  // 2^255 - 19
  if (y >= kPrime) return refused("key-malformed", "the Ed25519 key is not in its one form");
  // Orders 4, 1, 2, 8 and 8.
  static const std::array<std::string, 5> kSmall{
      std::string(32, '\0'), std::string(31, '\0') + '\1', kPrime.substr(0, 31) + '\xEC',
      "\x7A\x03\xAC\x92\x77\xFD\xC7\x4E\xC6\xCC\x39\x2C\xFA\x53\x20\x2A\x0F\x67\x10\x0D\x76\x0B\x3C\xBA\x4F\xD8\x4D\x3D\x70\x6A\x17\xC7"s,
      "\x05\xFC\x53\x6D\x88\x02\x38\xB1\x39\x33\xC6\xD3\x05\xAC\xDF\xD5\xF0\x98\xEF\xF2\x89\xF4\xC3\x45\xB0\x27\xB2\xC2\x8F\x95\xE8\x26"s};
  if (std::find(kSmall.begin(), kSmall.end(), y) != kSmall.end()) {
    return refused("key-weak", "the Ed25519 key is a point of a small order, by which everybody can sign");
  }
  KeyPointer key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, octets(point), point.size()));
  if (key) return key;
  drain_errors();
  return refused("key-malformed", "OpenSSL does not take the Ed25519 key");
}

bool verify_message(EVP_PKEY* key, std::string_view message, std::string_view signature) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestVerify(context.get(), octets(signature), signature.size(), octets(message), message.size()) == 1;
}

bool verify_rsa(EVP_PKEY* key, const EVP_MD* hash, std::string_view digest, std::string_view signature) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  return context && EVP_PKEY_verify_init(context.get()) == 1 && EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
         EVP_PKEY_CTX_set_signature_md(context.get(), hash) == 1 &&
         EVP_PKEY_verify(context.get(), octets(signature), signature.size(), octets(digest), digest.size()) == 1;
}

KeyFamily family_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256:
    case SignatureAlgorithm::ecdsa_sha384:
    case SignatureAlgorithm::ecdsa_sha512: return KeyFamily::ec;
    case SignatureAlgorithm::rsa_sha256:
    case SignatureAlgorithm::rsa_sha384:
    case SignatureAlgorithm::rsa_sha512: return KeyFamily::rsa;
    case SignatureAlgorithm::ed25519: return KeyFamily::edwards;
  }
  return KeyFamily::edwards;
}

// Of an AlgorithmIdentifier that was seen to have one.
std::optional<std::string_view> identifier_of(std::string_view algorithm) {
  DerReader outer(algorithm);
  auto fields = outer.enter(Tag::sequence);
  return fields ? fields->value(Tag::object_identifier) : std::nullopt;
}

}  // namespace

Result<PublicKey> PublicKey::from_spki(std::string_view der) {
  DerReader outer(der);
  auto spki = outer.enter(Tag::sequence);  // SubjectPublicKeyInfo, RFC 5280 section 4.1
  const auto algorithm = spki ? spki->encoded(Tag::sequence) : std::nullopt;
  const auto bits = algorithm ? spki->bit_string() : std::nullopt;
  if (!bits || !spki->empty() || !DerReader(DerReader(*algorithm).enter(Tag::sequence)->rest()).next_is(Tag::object_identifier)) {
    return refused("key-malformed", "the public key is not a SubjectPublicKeyInfo in DER");
  }
  if (!outer.empty()) return refused("key-malformed", "there are bytes behind the public key");

  const auto found =
      std::find_if(key_kinds().begin(), key_kinds().end(), [&](const KeyKindRow& one) { return one.spki_algorithm == *algorithm; });
  if (found == key_kinds().end()) {
    if (identifier_of(*algorithm) == identifier_of(crypto::row(KeyKind::rsa2048).spki_algorithm))  // RFC 3279 section 2.3.1: they MUST be
      return refused("key-malformed", "the parameters of an RSA key must be NULL");
    return refused("key-kind-unsupported",
                   "a key of another kind, or with other parameters than a named curve or, of RSA, NULL; " + accepted());
  }
  auto handle = std::make_shared<Handle>();
  handle->spki = std::string(der);
  handle->kind = found->kind;
  if (found->family == KeyFamily::ec) {
    if (bits->size() != point_size(*found) || bits->front() != '\x04') {
      return refused("key-malformed", "the EC point must be uncompressed: 04 and two coordinates");
    }
    if (!EcVerifier::of_this_thread(found->kind).load(*bits)) {
      drain_errors();
      return refused("key-malformed", "the EC point is not on the curve " + std::string(found->name));
    }
  } else {
    auto key = found->family == KeyFamily::rsa ? read_rsa(*bits, handle->kind) : read_edwards(*bits);
    if (!key) return forward(std::move(key));
    handle->key = std::move(*key);
  }
  return PublicKey(std::move(handle));
}

KeyKind PublicKey::kind() const { return handle_->kind; }
const std::string& PublicKey::spki() const { return handle_->spki; }

bool PublicKey::verifies(SignatureAlgorithm algorithm, std::string_view message, std::string_view signature) const {
  work::count(work::Kind::signature_checked);
  const KeyFamily family = row(handle_->kind).family;
  if (family != family_of(algorithm)) return false;
  bool good = false;
  if (const EVP_MD* const hash = hash_of(algorithm); hash == nullptr) {
    good = verify_message(handle_->key.get(), message, signature);
  } else {
    std::array<char, EVP_MAX_MD_SIZE> bytes;
    const std::string_view digest = digest_into(bytes, hash, message);
    if (family == KeyFamily::ec) {
      EcVerifier& verifier = EcVerifier::of_this_thread(handle_->kind);
      good = verifier.load(point_of(handle_->kind, handle_->spki)) && verifier.verify(digest, signature);
    } else {
      good = verify_rsa(handle_->key.get(), hash, digest, signature);
    }
  }
  if (!good) drain_errors();
  return good;
}

}  // namespace quicklime::crypto
