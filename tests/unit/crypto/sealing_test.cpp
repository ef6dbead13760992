#include "crypto/sealing.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/random.hpp"
#include "unit/crypto/openssl_command.hpp"

namespace quicklime::crypto {
namespace {

using test::Workshop;

constexpr std::size_t kNonce = 12;
constexpr std::size_t kTag = 16;

std::string hex_of_derived(const Secret& key, std::string_view purpose) { return hex_encode(derive_key(key, purpose).reveal()); }

// What openssl prints, "8D:A4:..." or with a line feed, in our spelling.
std::string plain_hex(const std::string& text) {
  std::string hex;
  for (const char c : text) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) hex += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return hex;
}

// RFC 5869 appendix A.3: no salt, no info. A shorter output is the beginning of a longer one.
TEST(Sealing, DerivesAsTheStandardsExample) {
  EXPECT_EQ(hex_of_derived(Secret::copy_of(std::string(22, '\x0b')), ""),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(Sealing, OpensslDerivesTheSame) {
  const Workshop workshop;
  const Secret key = random_secret(32);
  const auto judged =
      workshop.openssl("kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexkey:" + hex_encode(key.reveal()) + " -kdfopt info:password HKDF");
  EXPECT_EQ(plain_hex(judged.text), hex_of_derived(key, "password"));
  EXPECT_NE(hex_of_derived(key, "password"), hex_of_derived(key, "passwords"));
}

// NIST SP 800-38D section 7.1: counter mode from nonce || 2; and the tag of an empty text is its GMAC.
TEST(Sealing, OpensslReadsTheCiphertextAndMakesTheSameTag) {
  const Workshop workshop;
  const Secret key = random_secret(32);
  const std::string derived = hex_of_derived(key, "password");

  const std::string sealed = seal(key, "password", "local:alice", "correct horse");
  workshop.write("ciphertext", std::string_view(sealed).substr(kNonce, sealed.size() - kNonce - kTag));
  const auto read =
      workshop.openssl("enc -d -aes-256-ctr -in ciphertext -K " + derived + " -iv " + hex_encode(sealed.substr(0, kNonce)) + "00000002");
  EXPECT_EQ(read.text, "correct horse");

  const std::string empty = seal(key, "password", "local:alice", "");
  workshop.write("associated", "local:alice");
  const auto tag = workshop.openssl("mac -macopt cipher:AES-256-GCM -macopt hexkey:" + derived +
                                    " -macopt hexiv:" + hex_encode(empty.substr(0, kNonce)) + " -in associated GMAC");
  EXPECT_EQ(plain_hex(tag.text), hex_encode(empty.substr(kNonce)));
}

TEST(Sealing, OpensForTheSamePurposeAndOwnerAlone) {
  const Secret key = random_secret(32);
  for (const std::string_view plain : {"", "x", "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"}) {
    const std::string sealed = seal(key, "password", "local:alice", plain);
    EXPECT_EQ(sealed.size(), kNonce + plain.size() + kTag);
    EXPECT_EQ(unseal(key, "password", "local:alice", sealed)->reveal(), plain);
    EXPECT_NE(seal(key, "password", "local:alice", plain), sealed);

    EXPECT_EQ(unseal(key, "password", "local:bob", sealed).error().reason, "seal-broken");
    EXPECT_EQ(unseal(key, "password", "", sealed).error().reason, "seal-broken");
    EXPECT_EQ(unseal(key, "flow", "local:alice", sealed).error().reason, "seal-broken");
    EXPECT_EQ(unseal(random_secret(32), "password", "local:alice", sealed).error().reason, "seal-broken");
  }
}

TEST(Sealing, EveryFlippedBitAndEveryMissingOctetIsSeen) {
  const Secret key = random_secret(32);
  const std::string sealed = seal(key, "password", "local:alice", "correct horse");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(unseal(key, "password", "local:alice", changed)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) EXPECT_FALSE(unseal(key, "password", "local:alice", sealed.substr(0, size)));
  EXPECT_FALSE(unseal(key, "password", "local:alice", sealed + "x"));
  EXPECT_TRUE(unseal(key, "password", "local:alice", sealed));
}

}  // namespace
}  // namespace quicklime::crypto
