#include "crypto/key.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/encoding.hpp"
#include "crypto/der.hpp"
#include "crypto/signer.hpp"
#include "unit/crypto/openssl_command.hpp"
#include "unit/crypto/weak_moduli.hpp"

namespace quicklime::crypto {
namespace {
using namespace std::string_literals;

Secret secret(std::string_view text) { return Secret::copy_of(text); }

// Keys that openssl makes; the DER of their SubjectPublicKeyInfo.
class Keys : public testing::Test {
 protected:
  std::string spki_of(const std::string& genpkey_arguments, const std::string& pkey_arguments = "") {
    const auto made = shop.openssl("genpkey " + genpkey_arguments + " -out key.pem");
    EXPECT_EQ(made.status, 0) << made.text;
    const auto written = shop.openssl("pkey -in key.pem -pubout -outform DER -out key.der " + pkey_arguments);
    EXPECT_EQ(written.status, 0) << written.text;
    return shop.read("key.der");
  }
  // Arguments of `openssl genpkey`.
  static std::string made_by_openssl(const KeyKindRow& wanted) {
    switch (wanted.family) {
      case KeyFamily::ec: return "-algorithm EC -pkeyopt ec_paramgen_curve:" + std::string(wanted.name);
      case KeyFamily::edwards: return "-algorithm ED25519";
      case KeyFamily::rsa: return "-algorithm RSA -pkeyopt rsa_keygen_bits:" + std::to_string(wanted.bits);
    }
    return {};
  }
  static std::string refusal(std::string_view spki) {
    const auto key = PublicKey::from_spki(spki);
    return key ? "accepted" : key.error().reason;
  }
  static std::string rsa_spki(std::string_view modulus, std::string_view exponent) {
    const std::string algorithm =
        der(Tag::sequence, der(Tag::object_identifier, "\x2A\x86\x48\x86\xF7\x0D\x01\x01\x01") + der(Tag::null, ""));
    return der(Tag::sequence, algorithm + der_bit_string(der(Tag::sequence, der_integer(modulus) + der_integer(exponent))));
  }
  // The modulus of a fresh RSA key.
  std::string modulus(int bits) {
    const std::string spki = spki_of("-algorithm RSA -pkeyopt rsa_keygen_bits:" + std::to_string(bits));
    DerReader outer(spki);
    auto fields = outer.enter(Tag::sequence);
    EXPECT_TRUE(fields->any().has_value());
    DerReader key(*fields->bit_string());
    return std::string(*key.enter(Tag::sequence)->unsigned_integer());
  }

  test::Workshop shop;
};

TEST_F(Keys, TakesTheKindsThatOpensslMakes) {
  for (const KeyKindRow& wanted : key_kinds()) {
    const auto key = PublicKey::from_spki(spki_of(made_by_openssl(wanted)));
    ASSERT_TRUE(key) << wanted.name << ": " << key.error().detail;
    EXPECT_EQ(key->kind(), wanted.kind) << wanted.name;
  }
}

TEST_F(Keys, RefusesOtherKindsAndSaysWhichAreAccepted) {
  for (const char* arguments :
       {"-algorithm EC -pkeyopt ec_paramgen_curve:P-224", "-algorithm EC -pkeyopt ec_paramgen_curve:secp256k1", "-algorithm ED448",
        "-algorithm X25519", "-algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048",
        "-algorithm EC -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", "-algorithm RSA -pkeyopt rsa_keygen_bits:2056"}) {
    const std::string spki = spki_of(arguments);
    const auto key = PublicKey::from_spki(spki);
    ASSERT_FALSE(key.has_value()) << arguments;
    // An explicit curve is not an OID where one must stand.
    EXPECT_EQ(key.error().reason, "key-kind-unsupported") << arguments;
    EXPECT_NE(key.error().detail.find("accepted are P-256, P-384, P-521, Ed25519, RSA-2048, RSA-3072, RSA-4096"), std::string::npos);
  }
}

TEST_F(Keys, RefusesWeakRsa) {
  EXPECT_EQ(refusal(spki_of("-algorithm RSA -pkeyopt rsa_keygen_bits:1024")), "key-weak");
  EXPECT_EQ(refusal(spki_of("-algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:3")), "key-weak");
  const std::string good = modulus(2048);
  EXPECT_EQ(refusal(rsa_spki(good, "\x01\x00\x01"s)), "accepted");
  EXPECT_EQ(refusal(rsa_spki(good, "\x01\x00\x02"s)), "key-weak") << "an even exponent";
  EXPECT_EQ(refusal(rsa_spki(good, std::string(9, '\x7F'))), "key-weak") << "an exponent that makes verification dear";
  std::string even = good;
  even.back() = static_cast<char>(even.back() & ~1);
  EXPECT_EQ(refusal(rsa_spki(even, "\x01\x00\x01"s)), "key-weak");
}

// 2^2048 - 1 is divisible by 3, and the product of all its ilk is caught whichever the prime.
TEST_F(Keys, RefusesRsaModuliWithASmallFactor) {
  EXPECT_EQ(refusal(rsa_spki(std::string(256, '\xFF'), "\x01\x00\x01"s)), "key-weak");
  for (const unsigned prime : {3U, 5U, 7U, 97U, 251U, 257U, 509U, 743U, 751U}) {
    // The greatest odd multiple of the prime below 2^2048: schoolbook division of 2^2048 - 1.
    std::string multiple(256, '\xFF');
    unsigned remainder = 0;
    for (char c : multiple) remainder = ((remainder << 8U) | static_cast<unsigned char>(c)) % prime;
    if (remainder % 2 == 1) remainder += prime;  // stays odd
    for (std::size_t i = multiple.size(); remainder != 0;) {
      --i;
      const unsigned digit = static_cast<unsigned char>(multiple[i]);
      const unsigned take = remainder & 0xFFU;
      multiple[i] = static_cast<char>(digit - take);  // every digit is FF: no borrow
      remainder >>= 8U;
    }
    EXPECT_EQ(refusal(rsa_spki(multiple, "\x01\x00\x01"s)), "key-weak") << prime;
  }
}

TEST_F(Keys, RefusesRsaModuliThatWereFactored) {
  const auto why = [](std::string_view modulus) {
    const auto key = PublicKey::from_spki(rsa_spki(*hex_decode(modulus), "\x01\x00\x01"s));
    return key ? "accepted"s : key.error().reason + ": " + key.error().detail;
  };
  EXPECT_THAT(why(test::kRocaModulus), testing::StartsWith("key-weak: the RSA modulus is of the shape that Infineon's library made (ROCA"));
  EXPECT_THAT(why(test::kCloseModulus), testing::StartsWith("key-weak: the RSA modulus has two primes that are close"));
  EXPECT_THAT(why(test::kCloseModulus3072), testing::StartsWith("key-weak: the RSA modulus has two primes that are close"));
  for (int round = 0; round < 5; ++round) EXPECT_EQ(refusal(rsa_spki(modulus(2048), "\x01\x00\x01"s)), "accepted");
}

// By a point of a small order everybody signs; and each point has one form.
TEST_F(Keys, RefusesEdwardsKeysThatProveNothing) {
  std::string spki = spki_of("-algorithm ED25519");
  EXPECT_EQ(refusal(spki), "accepted");
  const auto with = [&](std::string_view hex) { return refusal(spki.substr(0, 12) + *hex_decode(hex)); };
  const std::string zeros(60, '0'), ones(60, 'f');
  for (const std::string& little_endian : {"00" + zeros + "00", "01" + zeros + "00", "01" + zeros + "80", "ec" + ones + "7f",
                                           "ec" + ones + "ff", "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"s,
                                           "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"s,
                                           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"s,
                                           "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85"s}) {
    EXPECT_EQ(with(little_endian), "key-weak") << little_endian;
  }
  EXPECT_EQ(with("ed" + ones + "7f"), "key-malformed") << "p itself, another form of 0";
  EXPECT_EQ(with("ee" + ones + "ff"), "key-malformed");
  EXPECT_EQ(with("ff" + ones + "ff"), "key-malformed");
}

TEST_F(Keys, RefusesPointsThatAreNotOnTheCurveAndCompressedOnes) {
  std::string spki = spki_of("-algorithm EC -pkeyopt ec_paramgen_curve:P-256");
  EXPECT_EQ(refusal(spki), "accepted");
  std::string off = spki;
  off.back() = static_cast<char>(off.back() ^ 1);
  EXPECT_EQ(refusal(off), "key-malformed");
  std::string zero = spki;
  std::fill(zero.end() - 64, zero.end(), '\0');
  EXPECT_EQ(refusal(zero), "key-malformed");
  std::string too_large = spki;  // a coordinate that is not below p
  std::fill(too_large.end() - 64, too_large.end(), '\xFF');
  EXPECT_EQ(refusal(too_large), "key-malformed");
  EXPECT_EQ(refusal(spki), "accepted") << "a refused point leaves nothing behind";

  shop.openssl("ec -in key.pem -pubout -conv_form compressed -outform DER -out compressed.der");
  ASSERT_EQ(shop.read("compressed.der").size(), 59U);
  EXPECT_EQ(refusal(shop.read("compressed.der")), "key-malformed");
  shop.openssl("ec -in key.pem -pubout -conv_form hybrid -outform DER -out hybrid.der");
  EXPECT_EQ(refusal(shop.read("hybrid.der")), "key-malformed");
}

TEST_F(Keys, RefusesWhatIsNotWholeDer) {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p521, KeyKind::ed25519, KeyKind::rsa2048}) {
    const std::string spki = spki_of(made_by_openssl(row(kind)));
    EXPECT_EQ(refusal(spki + "\0"s), "key-malformed");
    for (std::size_t size = 0; size < spki.size(); ++size) EXPECT_NE(refusal(std::string_view(spki).substr(0, size)), "accepted") << size;
  }
  EXPECT_EQ(refusal(""), "key-malformed");
  EXPECT_EQ(refusal(std::string(100'000, '\x30')), "key-malformed");
}

// What openssl signs, we verify; what we sign, openssl verifies.
TEST_F(Keys, SignaturesAgreeWithOpenssl) {
  using Algorithms = std::vector<std::pair<const char*, SignatureAlgorithm>>;
  const Algorithms ecdsa{{"-sha256", SignatureAlgorithm::ecdsa_sha256},
                         {"-sha384", SignatureAlgorithm::ecdsa_sha384},
                         {"-sha512", SignatureAlgorithm::ecdsa_sha512}};
  const Algorithms rsa{{"-sha256", SignatureAlgorithm::rsa_sha256},
                       {"-sha384", SignatureAlgorithm::rsa_sha384},
                       {"-sha512", SignatureAlgorithm::rsa_sha512}};
  shop.write("message", "the message");
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::rsa2048}) {
    const auto key = PrivateKey::generate(kind);
    shop.write("key.pem", key->to_pem()->reveal());
    shop.openssl("pkey -in key.pem -pubout -out public.pem");
    const std::string message = "the message";
    shop.write("ours", key->sign(message).value());
    for (const auto& [digest, algorithm] : row(kind).family == KeyFamily::ec ? ecdsa : rsa) {
      if (algorithm == row(kind).signature) {
        EXPECT_TRUE(shop.openssl("dgst "s + digest + " -verify public.pem -signature ours message").has("Verified OK")) << name(kind);
      }
      shop.openssl("dgst "s + digest + " -sign key.pem -out theirs message");
      EXPECT_TRUE(key->public_key().verifies(algorithm, message, shop.read("theirs"))) << name(kind) << name(algorithm);
      EXPECT_FALSE(key->public_key().verifies(algorithm, "the messagE", shop.read("theirs")));
    }
  }
  const auto key = PrivateKey::generate(KeyKind::ed25519);
  shop.write("key.pem", key->to_pem()->reveal());
  shop.write("ours", key->sign("the message").value());
  EXPECT_TRUE(shop.openssl("pkeyutl -verify -rawin -inkey key.pem -sigfile ours -in message").has("Verified Successfully"));
  shop.openssl("pkeyutl -sign -rawin -inkey key.pem -out theirs -in message");
  EXPECT_TRUE(key->public_key().verifies(SignatureAlgorithm::ed25519, "the message", shop.read("theirs")));
}

TEST_F(Keys, BadSignaturesDoNotHold) {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::ed25519, KeyKind::rsa2048}) {
    const auto key = PrivateKey::generate(kind);
    ASSERT_TRUE(key);
    const auto other = PrivateKey::generate(kind);
    const SignatureAlgorithm algorithm = key->signature_algorithm();
    const std::string signature = key->sign("message").value();
    const PublicKey& public_key = key->public_key();
    EXPECT_TRUE(public_key.verifies(algorithm, "message", signature));
    EXPECT_FALSE(other->public_key().verifies(algorithm, "message", signature));
    EXPECT_FALSE(public_key.verifies(algorithm, "message", signature + "\0"s)) << "a byte behind it";
    EXPECT_FALSE(public_key.verifies(algorithm, "message", ""));
    EXPECT_FALSE(public_key.verifies(algorithm, "message", std::string(100'000, 'x')));
    EXPECT_FALSE(public_key.verifies(algorithm, "message", std::string_view(signature).substr(0, signature.size() - 1)));
    for (std::size_t i = 0; i < signature.size(); i += 7) {
      std::string flipped = signature;
      flipped[i] = static_cast<char>(flipped[i] ^ 4);
      EXPECT_FALSE(public_key.verifies(algorithm, "message", flipped)) << i;
    }
    for (const KeyKindRow& another : key_kinds()) {
      if (another.family == row(kind).family) continue;
      EXPECT_FALSE(public_key.verifies(another.signature, "message", signature)) << another.name;
    }
    EXPECT_TRUE(public_key.verifies(algorithm, "message", signature)) << "a failure before leaves nothing behind";
  }
}

// ECDSA-Sig-Value must be DER: the same numbers in another encoding are another signature to every log and cache.
TEST_F(Keys, EcdsaSignaturesAreDer) {
  const auto key = PrivateKey::generate(KeyKind::p256);
  const std::string signature = key->sign("message").value();
  DerReader reader(signature);
  auto fields = reader.enter(Tag::sequence);
  const std::string r(*fields->unsigned_integer()), s(*fields->unsigned_integer());
  const std::string padded = der(Tag::integer, "\0\0"s + r) + der_integer(s);
  EXPECT_FALSE(key->public_key().verifies(SignatureAlgorithm::ecdsa_sha256, "message", der(Tag::sequence, padded)));
  EXPECT_FALSE(
      key->public_key().verifies(SignatureAlgorithm::ecdsa_sha256, "message", der(Tag::sequence, der_integer(0) + der_integer(0))));
}

TEST_F(Keys, OneKeySignsAndVerifiesFromManyThreads) {
  const auto key = PrivateKey::generate(KeyKind::p256);
  const auto other = PrivateKey::generate(KeyKind::p256);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const std::string message = std::to_string(t) + "." + std::to_string(i);
        const std::string signature = key->sign(message).value();
        // Two keys in turn, as CSRs come.
        EXPECT_TRUE(key->public_key().verifies(SignatureAlgorithm::ecdsa_sha256, message, signature));
        EXPECT_FALSE(other->public_key().verifies(SignatureAlgorithm::ecdsa_sha256, message, signature));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(Keys, PemRoundTripsPlainAndEncrypted) {
  for (const KeyKind kind : {KeyKind::p256, KeyKind::p384, KeyKind::p521, KeyKind::ed25519, KeyKind::rsa2048}) {
    const auto key = PrivateKey::generate(kind);
    const auto plain = PrivateKey::from_pem(*key->to_pem());
    ASSERT_TRUE(plain.has_value()) << plain.error().detail;
    EXPECT_EQ(plain->public_key(), key->public_key());
    EXPECT_EQ(plain->kind(), kind);

    const Secret encrypted = std::move(*key->to_pem(secret("correct horse")));
    EXPECT_NE(encrypted.reveal().find("BEGIN ENCRYPTED PRIVATE KEY"), std::string::npos);
    EXPECT_EQ(PrivateKey::from_pem(encrypted, secret("correct horse"))->public_key(), key->public_key());
    EXPECT_EQ(PrivateKey::from_pem(encrypted).error().reason, "key-encrypted");
    EXPECT_EQ(PrivateKey::from_pem(encrypted, secret("wrong")).error().reason, "key-encrypted");
    shop.write("encrypted.pem", encrypted.reveal());
    EXPECT_EQ(shop.openssl("pkey -in encrypted.pem -passin 'pass:correct horse' -noout").status, 0);
    EXPECT_TRUE(shop.openssl("asn1parse -in encrypted.pem").has("aes-256-cbc"));
  }
}

TEST_F(Keys, ReadsTheFormsThatOpensslWrites) {
  shop.openssl("ecparam -name prime256v1 -genkey -noout -out ec.pem");  // SEC 1
  EXPECT_EQ(PrivateKey::from_pem(secret(shop.read("ec.pem")))->kind(), KeyKind::p256);
  shop.openssl("ec -in ec.pem -conv_form compressed -out compressed.pem");
  const auto compressed = PrivateKey::from_pem(secret(shop.read("compressed.pem")));
  ASSERT_TRUE(compressed.has_value()) << compressed.error().detail;
  EXPECT_EQ(compressed->public_key(), PrivateKey::from_pem(secret(shop.read("ec.pem")))->public_key());
  shop.openssl("genrsa -traditional -out rsa.pem 2048");
  EXPECT_EQ(PrivateKey::from_pem(secret(shop.read("rsa.pem")))->kind(), KeyKind::rsa2048);
  shop.openssl("genrsa -traditional -aes256 -passout pass:word -out rsa-encrypted.pem 2048");
  EXPECT_EQ(PrivateKey::from_pem(secret(shop.read("rsa-encrypted.pem"))).error().reason, "key-encrypted");
  EXPECT_TRUE(PrivateKey::from_pem(secret(shop.read("rsa-encrypted.pem")), secret("word")).has_value());
}

TEST_F(Keys, RefusesPemThatIsNoUsableKey) {
  EXPECT_EQ(PrivateKey::from_pem(Secret()).error().reason, "key-malformed");
  EXPECT_EQ(PrivateKey::from_pem(secret("-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n")).error().reason,
            "key-malformed");
  shop.openssl("genpkey -algorithm X25519 -out ed.pem");
  EXPECT_EQ(PrivateKey::from_pem(secret(shop.read("ed.pem"))).error().reason, "key-kind-unsupported");
  shop.openssl("genrsa -out weak.pem 1024");
  EXPECT_EQ(PrivateKey::from_pem(secret(shop.read("weak.pem"))).error().reason, "key-weak");
}

// The SEC 1 form carries the public point beside the number, and nothing makes them agree.
TEST_F(Keys, RefusesAFileWhoseHalvesDoNotBelongTogether) {
  shop.openssl("ecparam -name prime256v1 -genkey -noout -outform DER -out one.der");
  shop.openssl("ecparam -name prime256v1 -genkey -noout -outform DER -out two.der");
  const std::string one = shop.read("one.der"), two = shop.read("two.der");
  ASSERT_EQ(one.size(), two.size());
  const std::string mixed = one.substr(0, one.size() - 64) + two.substr(two.size() - 64);
  const std::string pem = "-----BEGIN EC PRIVATE KEY-----\n" + base64_encode(mixed) + "\n-----END EC PRIVATE KEY-----\n";
  const auto key = PrivateKey::from_pem(secret(pem));
  ASSERT_FALSE(key.has_value());
  EXPECT_EQ(key.error().reason, "key-malformed");
}

TEST(KeyKinds, NamesRoundTrip) {
  for (std::size_t at = 0; at < key_kinds().size(); ++at) {
    const KeyKindRow& one = key_kinds().at(at);
    EXPECT_EQ(static_cast<std::size_t>(one.kind), at) << "the table is in the order of the enum";
    EXPECT_EQ(parse_key_kind(one.name), one.kind);
    EXPECT_GE(longest_signature(one.signature), one.longest_signature);
  }
  EXPECT_EQ(parse_key_kind("ed25519"), KeyKind::ed25519);
  EXPECT_EQ(parse_key_kind("P-224").error().reason, "key-kind-unsupported");
  EXPECT_EQ(longest_signature(SignatureAlgorithm::rsa_sha512), 0U);
}

// What the table says of a kind is so: its SubjectPublicKeyInfo, and that no signature is longer.
TEST(KeyKinds, TheTableSaysWhatKeysAreLike) {
  for (const KeyKindRow& one : key_kinds()) {
    if (one.bits > 2048) continue;  // of the same shape, and slow to make
    const auto key = PrivateKey::generate(one.kind);
    ASSERT_TRUE(key) << one.name;
    EXPECT_EQ(key->kind(), one.kind);
    EXPECT_EQ(key->signature_algorithm(), one.signature);
    EXPECT_NE(key->public_key().spki().find(one.spki_algorithm), std::string::npos) << one.name;
    EXPECT_EQ(KeySigner(*key).slow(), one.slow) << one.name;
    for (int round = 0; round < 20; ++round) {
      const std::string message = std::to_string(round), signature = key->sign(message).value();
      EXPECT_LE(signature.size(), one.longest_signature) << one.name;
      EXPECT_TRUE(key->public_key().verifies(one.signature, message, signature)) << one.name;
    }
  }
}

TEST(KeySigner, SignsWithItsKey) {
  const KeySigner signer(PrivateKey::generate(KeyKind::p256).value());
  EXPECT_FALSE(signer.slow());
  EXPECT_TRUE(signer.public_key().verifies(signer.algorithm(), "message", signer.sign("message").value()));
}

}  // namespace
}  // namespace quicklime::crypto
