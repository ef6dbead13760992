#include "identity/device_cookie.hpp"

#include "base/encoding.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/hash.hpp"
#include "crypto/random.hpp"
#include "crypto/sealing.hpp"

namespace quicklime::identity {
namespace {

constexpr std::size_t kRandomSize = 12;

}  // namespace

DeviceCookies::DeviceCookies(const Secret& access_key) : key_(crypto::derive_key(access_key, "device cookie")) {}

std::string DeviceCookies::proof(std::string_view name, std::string_view random) const {
  return std::string(crypto::view(crypto::hmac_sha256(key_, std::string(random) + std::string(name))));
}

std::string DeviceCookies::make(std::string_view name) const {
  const std::string random = crypto::random_bytes(kRandomSize);
  return base64url_encode(random + proof(name, random));
}

bool DeviceCookies::knows(std::string_view name, std::string_view text) const {
  const auto octets = base64_decode(text);
  // As it was given out, and in no other form of base64: each form would be a device of its own, with guesses of its own.
  if (!octets || octets->size() < kRandomSize || base64url_encode(*octets) != text) return false;
  const std::string_view all = *octets;
  return crypto::equal_in_constant_time(all.substr(kRandomSize), proof(name, all.substr(0, kRandomSize)));
}

}  // namespace quicklime::identity
