#include "crypto/hash.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>

#include <cstdint>

#include "crypto/constant_time.hpp"
#include "crypto/md5.hpp"
#include "crypto/openssl.hpp"

namespace quicklime::crypto {
namespace {

DigestContext new_context() {
  DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "no digest context");
  return context;
}

template <class Output>
Output digest(const EVP_MD* algorithm, std::string_view bytes) {
  std::array<char, EVP_MAX_MD_SIZE> out;
  Output output;
  digest_into(out, algorithm, bytes).copy(output.data(), output.size());
  return output;
}

}  // namespace

std::string_view digest_into(std::array<char, EVP_MAX_MD_SIZE>& out, const EVP_MD* algorithm, std::string_view bytes) {
  thread_local const DigestContext context = new_context();
  unsigned size = 0;
  const bool done = EVP_DigestInit_ex2(context.get(), algorithm, nullptr) == 1 &&
                    EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size) == 1;
  require(done, "digest");
  return {out.data(), size};
}

Sha256Digest sha256(std::string_view bytes) { return digest<Sha256Digest>(fetched_sha256(), bytes); }

Sha1Digest sha1(std::string_view bytes) {
  static const Digest algorithm(EVP_MD_fetch(nullptr, "SHA1", nullptr));
  return digest<Sha1Digest>(algorithm.get(), bytes);
}

Md5Digest md5(std::string_view bytes) {
  static const Digest algorithm(EVP_MD_fetch(nullptr, "MD5", nullptr));
  return digest<Md5Digest>(algorithm.get(), bytes);
}

Sha256Digest hmac_sha256(const Secret& key, std::string_view message) {
  static const std::unique_ptr<EVP_MAC, Deleter<EVP_MAC_free>> algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  // A context for each call: a cached one would keep the key after its Secret was wiped.
  const std::unique_ptr<EVP_MAC_CTX, Deleter<EVP_MAC_CTX_free>> context(EVP_MAC_CTX_new(algorithm.get()));
  require(context != nullptr, "no HMAC context");
  char name[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_construct_end()};
  const std::string_view bytes = key.reveal();
  Sha256Digest output;
  std::size_t size = 0;
  const bool done = EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), parameters) == 1 &&
                    EVP_MAC_update(context.get(), reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1 &&
                    EVP_MAC_final(context.get(), reinterpret_cast<unsigned char*>(output.data()), &size, output.size()) == 1 &&
                    size == output.size();
  require(done, "HMAC");
  return output;
}

struct Sha256::Context {
  DigestContext digest = new_context();
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  require(EVP_DigestInit_ex2(context_->digest.get(), fetched_sha256(), nullptr) == 1, "digest");
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->digest.get(), bytes.data(), bytes.size()) == 1, "digest");
  return *this;
}

Sha256Digest Sha256::finish() {
  Sha256Digest output;
  require(EVP_DigestFinal_ex(context_->digest.get(), reinterpret_cast<unsigned char*>(output.data()), nullptr) == 1, "digest");
  return output;
}

Sha256Digest sha256_of_parts(std::initializer_list<std::string_view> parts) {
  Sha256 hash;
  for (std::string_view part : parts) {
    std::array<char, 8> length{};
    for (std::size_t i = 0; i < length.size(); ++i)
      length[i] = static_cast<char>(static_cast<std::uint64_t>(part.size()) >> (56U - 8U * i));
    hash.update({length.data(), length.size()}).update(part);
  }
  return hash.finish();
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
  return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace quicklime::crypto
