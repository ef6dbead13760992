#pragma once
// Digests and HMAC. Any thread; contexts and fetched algorithms are cached per thread.

#include <array>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace quicklime::crypto {

using Sha256Digest = std::array<char, 32>;
using Sha1Digest = std::array<char, 20>;

Sha256Digest sha256(std::string_view bytes);
// Only where a standard names it: OCSP CertIDs (RFC 6960 section 4.1.1) and key identifiers
// (RFC 5280 section 4.2.1.2). Never for a signature.
Sha1Digest sha1(std::string_view bytes);
Sha256Digest hmac_sha256(const Secret& key, std::string_view message);

inline std::string_view view(const Sha256Digest& digest) { return {digest.data(), digest.size()}; }
inline std::string_view view(const Sha1Digest& digest) { return {digest.data(), digest.size()}; }

// For bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  Sha256& update(std::string_view bytes);
  Sha256Digest finish();  // once

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// A hash over parts that cannot be confused: each part goes in behind its length (8 octets,
// big-endian). What architecture section 5 calls "each length-prefixed".
Sha256Digest sha256_of_parts(std::initializer_list<std::string_view> parts);

}  // namespace quicklime::crypto
