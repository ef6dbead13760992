#pragma once
// What is kept where others may read it, such as in the log, and may be opened by the holder of a key alone.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::crypto {

// HKDF-SHA256 (RFC 5869) without salt, 32 octets: a key for each purpose from one key of at least 32 octets.
Secret derive_key(const Secret& key, std::string_view purpose);

// AES-256-GCM under derive_key(key, purpose): nonce (12 octets, random) || ciphertext || tag (16). It opens for the same purpose and the
// same associated data alone: whose it is belongs in there. At most 2^32 for one purpose. Any thread.
std::string seal(const Secret& key, std::string_view purpose, std::string_view associated, std::string_view plain);
// "seal-broken": another key, purpose or associated data, or an octet of it was changed; which of these, nobody can say.
Result<Secret> unseal(const Secret& key, std::string_view purpose, std::string_view associated, std::string_view sealed);

}  // namespace quicklime::crypto
