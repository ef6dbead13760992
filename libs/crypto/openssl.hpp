#pragma once
// Internal: OpenSSL seen through owners that free. Included only by sources of libs/crypto, libs/pki
// and by async/tls.cpp; never by a header that others see.

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "crypto/key.hpp"

namespace quicklime::crypto {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Deleter<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Deleter<EVP_MD_CTX_free>>;
using Digest = std::unique_ptr<EVP_MD, Deleter<EVP_MD_free>>;

// What the error queue of this thread says, newest last, and empties it. Empty queue: empty text.
// OpenSSL's queue outlives the call that failed: whatever fails must drain it, or a later TLS
// operation on the same thread takes the leftovers for its own.
std::string drain_errors();

// For calls that fail only when memory or the library itself is broken: throws std::runtime_error.
void require(bool succeeded, const char* what);

// Any digest, by the context of this thread; the view is into `out`.
std::string_view digest_into(std::array<char, EVP_MAX_MD_SIZE>& out, const EVP_MD* algorithm, std::string_view bytes);
const EVP_MD* hash_of(SignatureAlgorithm algorithm);  // null: the message itself is signed (Ed25519)
const EVP_MD* fetched_sha256();                       // fetched once per process: a fetch at each use costs more than the hash

struct PublicKey::Handle {
  KeyKind kind;
  std::string spki;
  KeyPointer key;  // EC keys have none: verifies() loads the point into a key of its thread
};

// Contexts ready to sign, at most as many as ever signed at the same time. They die with the key,
// which thread-local ones would not.
class SignContexts {
 public:
  KeyContext take() {
    std::lock_guard lock(mutex_);
    if (idle_.empty()) return nullptr;
    KeyContext context = std::move(idle_.back());
    idle_.pop_back();
    return context;
  }
  void give_back(KeyContext context) {
    std::lock_guard lock(mutex_);
    idle_.push_back(std::move(context));
  }

 private:
  std::mutex mutex_;
  std::vector<KeyContext> idle_;
};

struct PrivateKey::Handle {
  KeyPointer key;
  SignatureAlgorithm algorithm;
  mutable SignContexts contexts;
};

}  // namespace quicklime::crypto
