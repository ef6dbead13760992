#include "crypto/openssl.hpp"

#include <openssl/err.h>

#include <array>
#include <stdexcept>

namespace quicklime::crypto {

std::string drain_errors() {
  std::string text;
  while (const unsigned long code = ERR_get_error()) {
    std::array<char, 256> line{};
    ERR_error_string_n(code, line.data(), line.size());
    if (!text.empty()) text += "; ";
    text += line.data();
  }
  return text;
}

void require(bool succeeded, const char* what) {
  if (!succeeded) throw std::runtime_error(std::string("OpenSSL: ") + what + ": " + drain_errors());
}

const EVP_MD* fetched_sha256() {
  static const Digest digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  require(digest != nullptr, "SHA-256 is missing");
  return digest.get();
}

const EVP_MD* hash_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256:
    case SignatureAlgorithm::rsa_sha256: return fetched_sha256();
    case SignatureAlgorithm::ecdsa_sha384:
    case SignatureAlgorithm::rsa_sha384: return EVP_sha384();
    case SignatureAlgorithm::ecdsa_sha512:
    case SignatureAlgorithm::rsa_sha512: return EVP_sha512();
    case SignatureAlgorithm::ed25519: return nullptr;
  }
  return nullptr;
}

}  // namespace quicklime::crypto
