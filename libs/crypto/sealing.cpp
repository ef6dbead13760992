#include "crypto/sealing.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <array>

#include "crypto/openssl.hpp"
#include "crypto/random.hpp"

namespace quicklime::crypto {
namespace {

constexpr std::size_t kKeySize = 32;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTagSize = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Deleter<EVP_CIPHER_CTX_free>>;

unsigned char* cipher_output(char* text) { return reinterpret_cast<unsigned char*>(text); }
const unsigned char* cipher_input(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
int cipher_size(std::string_view text) { return static_cast<int>(text.size()); }

// A context for each call: a cached one would keep the key after its Secret was wiped.
CipherContext begin_cipher(const Secret& key, std::string_view nonce, std::string_view associated, bool encrypt) {
  static const std::unique_ptr<EVP_CIPHER, Deleter<EVP_CIPHER_free>> cipher(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
  CipherContext context(EVP_CIPHER_CTX_new());
  int written = 0;
  const bool begun =
      context != nullptr &&
      EVP_CipherInit_ex2(context.get(), cipher.get(), cipher_input(key.reveal()), cipher_input(nonce), encrypt ? 1 : 0, nullptr) == 1 &&
      (associated.empty() || EVP_CipherUpdate(context.get(), nullptr, &written, cipher_input(associated), cipher_size(associated)) == 1);
  require(begun, "AES-256-GCM");
  return context;
}

}  // namespace

Secret derive_key(const Secret& key, std::string_view purpose) {
  static const std::unique_ptr<EVP_KDF, Deleter<EVP_KDF_free>> algorithm(EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  const std::unique_ptr<EVP_KDF_CTX, Deleter<EVP_KDF_CTX_free>> context(EVP_KDF_CTX_new(algorithm.get()));
  require(context != nullptr, "no HKDF context");
  char digest[] = "SHA256";
  const auto parameter = [](const char* name, std::string_view value) {
    return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(value.data()), value.size());
  };
  const std::array<OSSL_PARAM, 4> parameters{OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
                                             parameter(OSSL_KDF_PARAM_KEY, key.reveal()), parameter(OSSL_KDF_PARAM_INFO, purpose),
                                             OSSL_PARAM_construct_end()};
  std::string derived(kKeySize, '\0');
  require(EVP_KDF_derive(context.get(), cipher_output(derived.data()), derived.size(), parameters.data()) == 1, "HKDF");
  return Secret(std::move(derived));
}

std::string seal(const Secret& key, std::string_view purpose, std::string_view associated, std::string_view plain) {
  std::string sealed = random_bytes(kNonceSize);
  const auto context = begin_cipher(derive_key(key, purpose), sealed, associated, true);
  sealed.resize(kNonceSize + plain.size() + kTagSize);
  char* const ciphertext = sealed.data() + kNonceSize;
  char* const tag = ciphertext + plain.size();
  int written = 0;
  const bool done = (plain.empty() ||
                     EVP_CipherUpdate(context.get(), cipher_output(ciphertext), &written, cipher_input(plain), cipher_size(plain)) == 1) &&
                    EVP_CipherFinal_ex(context.get(), cipher_output(tag), &written) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag) == 1;
  require(done, "AES-256-GCM");
  return sealed;
}

Result<Secret> unseal(const Secret& key, std::string_view purpose, std::string_view associated, std::string_view sealed) {
  const auto broken = [] {
    return fail(ErrorCode::verification_failed, "seal-broken",
                "what was sealed does not open: it was sealed under another key, for something else, or was changed since");
  };
  if (sealed.size() < kNonceSize + kTagSize) return broken();
  const auto context = begin_cipher(derive_key(key, purpose), sealed.substr(0, kNonceSize), associated, false);
  const std::string_view ciphertext = sealed.substr(kNonceSize, sealed.size() - kNonceSize - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string plain(ciphertext.size() + 1, '\0');  // room for an octet that nothing is written to: an empty text has an address, too
  int written = 0;
  const bool opened = (ciphertext.empty() || EVP_CipherUpdate(context.get(), cipher_output(plain.data()), &written,
                                                              cipher_input(ciphertext), cipher_size(ciphertext)) == 1) &&
                      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, static_cast<int>(kTagSize), tag.data()) == 1 &&
                      EVP_CipherFinal_ex(context.get(), cipher_output(plain.data()) + ciphertext.size(), &written) == 1;
  plain.pop_back();
  Secret secret(std::move(plain));  // wiped, whatever becomes of it
  if (opened) return secret;
  drain_errors();
  return broken();
}

}  // namespace quicklime::crypto
