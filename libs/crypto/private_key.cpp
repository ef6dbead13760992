#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <cstring>

#include "base/work.hpp"
#include "crypto/hash.hpp"
#include "crypto/key.hpp"
#include "crypto/openssl.hpp"
#include "crypto/random.hpp"

namespace quicklime::crypto {
namespace {
using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;

struct Asked {
  std::string_view passphrase;
  bool asked = false;
};

// Without a callback OpenSSL would ask at the terminal.
int give_passphrase(char* buffer, int size, int, void* context) {
  auto& given = *static_cast<Asked*>(context);
  given.asked = true;
  if (given.passphrase.empty() || given.passphrase.size() > static_cast<std::size_t>(size)) return -1;
  std::memcpy(buffer, given.passphrase.data(), given.passphrase.size());
  return static_cast<int>(given.passphrase.size());
}

std::string spki_of(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int size = i2d_PUBKEY(key, &der);
  const std::string spki = size > 0 ? std::string(reinterpret_cast<char*>(der), static_cast<std::size_t>(size)) : std::string();
  OPENSSL_free(der);
  return spki;
}

KeyContext new_sign_context(EVP_PKEY* key, SignatureAlgorithm algorithm) {
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  bool ready = context && EVP_PKEY_sign_init(context.get()) == 1;
  if (ready && algorithm == SignatureAlgorithm::rsa_sha256) {
    ready = EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_PADDING) == 1 &&
            EVP_PKEY_CTX_set_signature_md(context.get(), fetched_sha256()) == 1;
  }
  return ready ? std::move(context) : nullptr;
}

// The message itself, in one go: RFC 8032 hashes it twice, together with the key.
bool sign_message(EVP_PKEY* key, std::string_view message, std::string& signature, std::size_t& size) {
  const DigestContext context(EVP_MD_CTX_new());
  return context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key) == 1 &&
         EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                        reinterpret_cast<const unsigned char*>(message.data()), message.size()) == 1;
}

Secret content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return Secret::copy_of({data, static_cast<std::size_t>(size)});
}

constexpr int kIterations = 600'000;  // PBKDF2-HMAC-SHA256, OWASP 2023

using Encrypted = std::unique_ptr<X509_SIG, Deleter<X509_SIG_free>>;

// PBES2 (RFC 8018 section 6.2) by hand: PEM_write_bio_PKCS8PrivateKey would take 2048 iterations.
Encrypted encrypt(PKCS8_PRIV_KEY_INFO* key, std::string_view passphrase) {
  std::string salt = random_bytes(16);
  X509_ALGOR* scheme = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), kIterations, reinterpret_cast<unsigned char*>(salt.data()),
                                         static_cast<int>(salt.size()), nullptr, NID_hmacWithSHA256);
  if (scheme == nullptr) return nullptr;
  Encrypted encrypted(PKCS8_set0_pbe(passphrase.data(), static_cast<int>(passphrase.size()), key, scheme));
  if (!encrypted) X509_ALGOR_free(scheme);  // taken over only by success
  return encrypted;
}

}  // namespace

Result<PrivateKey> PrivateKey::generate(KeyKind kind) {
  KeyPointer key;
  const KeyKindRow& wanted = row(kind);
  switch (wanted.family) {
    case KeyFamily::ec: key.reset(EVP_EC_gen(std::string(wanted.name).c_str())); break;
    case KeyFamily::edwards: key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); break;
    case KeyFamily::rsa: key.reset(EVP_RSA_gen(static_cast<unsigned>(wanted.bits))); break;
  }
  require(key != nullptr, "no new key");
  auto public_key = PublicKey::from_spki(spki_of(key.get()));
  if (!public_key) return forward(std::move(public_key));
  auto handle = std::make_shared<Handle>();
  handle->key = std::move(key);
  handle->algorithm = wanted.signature;
  return PrivateKey(std::move(handle), std::move(*public_key));
}

Result<PrivateKey> PrivateKey::from_pem(const Secret& pem, const Secret& passphrase) {
  ERR_clear_error();
  const std::string_view text = pem.reveal();
  const Bio bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  Asked asked{passphrase.reveal()};
  KeyPointer key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, give_passphrase, &asked) : nullptr);
  const std::string errors = drain_errors();
  if (!key && asked.asked) {
    return fail(ErrorCode::invalid, "key-encrypted",
                passphrase.empty() ? "the private key is encrypted; give its passphrase" : "the passphrase does not open the private key");
  }
  if (!key) return fail(ErrorCode::invalid, "key-malformed", "not a private key in PEM: " + errors, "key");
  if (EVP_PKEY_is_a(key.get(), "EC") == 1) {
    // A key file may ask for compressed points; certificates carry uncompressed ones.
    EVP_PKEY_set_utf8_string_param(key.get(), OSSL_PKEY_PARAM_EC_POINT_CONVERSION_FORMAT, "uncompressed");
    drain_errors();
  }
  auto public_key = PublicKey::from_spki(spki_of(key.get()));
  drain_errors();
  if (!public_key) return forward(std::move(public_key));

  auto handle = std::make_shared<Handle>();
  handle->key = std::move(key);
  handle->algorithm = row(public_key->kind()).signature;
  PrivateKey loaded(std::move(handle), std::move(*public_key));
  // The file holds both halves, and nothing says that they belong together.
  constexpr std::string_view kProbe = "quicklime key check";
  const auto signature = loaded.sign(kProbe);
  if (!signature || !loaded.public_key().verifies(loaded.signature_algorithm(), kProbe, *signature)) {
    return fail(ErrorCode::invalid, "key-malformed", "the private key does not belong to the public key in the same file", "key");
  }
  return loaded;
}

Result<Secret> PrivateKey::to_pem(const Secret& passphrase) const {
  ERR_clear_error();
  const std::unique_ptr<PKCS8_PRIV_KEY_INFO, Deleter<PKCS8_PRIV_KEY_INFO_free>> info(EVP_PKEY2PKCS8(handle_->key.get()));
  const Bio bio(BIO_new(BIO_s_mem()));
  bool written = info && bio;
  if (written && passphrase.empty()) {
    written = PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio.get(), info.get()) == 1;
  } else if (written) {
    const Encrypted encrypted = encrypt(info.get(), passphrase.reveal());
    written = encrypted && PEM_write_bio_PKCS8(bio.get(), encrypted.get()) == 1;
  }
  if (!written) return fail(ErrorCode::internal, "key-not-written", "the private key could not be encoded: " + drain_errors());
  return content_of(bio.get());
}

SignatureAlgorithm PrivateKey::signature_algorithm() const { return handle_->algorithm; }

Result<std::string> PrivateKey::sign(std::string_view message) const {
  work::count(work::Kind::signature_made);
  std::string signature(longest_signature(handle_->algorithm), '\0');
  std::size_t size = signature.size();
  const EVP_MD* const hash = hash_of(handle_->algorithm);
  if (hash == nullptr) {
    if (!sign_message(handle_->key.get(), message, signature, size)) {
      return fail(ErrorCode::internal, "signing-failed", "the key does not sign: " + drain_errors());
    }
    return signature.substr(0, size);
  }
  KeyContext context = handle_->contexts.take();
  if (!context) context = new_sign_context(handle_->key.get(), handle_->algorithm);
  std::array<char, EVP_MAX_MD_SIZE> bytes;
  const std::string_view digest = digest_into(bytes, hash, message);
  const bool done = context && EVP_PKEY_sign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                             reinterpret_cast<const unsigned char*>(digest.data()), digest.size()) == 1;
  // A context that failed is not given back: its state is unknown.
  if (!done) return fail(ErrorCode::internal, "signing-failed", "the key does not sign: " + drain_errors());
  handle_->contexts.give_back(std::move(context));
  signature.resize(size);
  return signature;
}

}  // namespace quicklime::crypto
