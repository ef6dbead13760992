#include "crypto/hash.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/encoding.hpp"
#include "crypto/constant_time.hpp"
#include "crypto/md5.hpp"

namespace quicklime::crypto {
namespace {

std::string hex(const Sha256Digest& digest) { return hex_encode(view(digest)); }

// FIPS 180-4 examples
TEST(Hash, KnownAnswers) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_encode(view(sha1("abc"))), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

// RFC 4231 sections 4.2, 4.3 and 4.7 (a key longer than the block)
TEST(Hmac, KnownAnswers) {
  EXPECT_EQ(hex(hmac_sha256(Secret::copy_of(std::string(20, '\x0b')), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hex(hmac_sha256(Secret::copy_of("Jefe"), "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hex(hmac_sha256(Secret::copy_of(std::string(131, '\xaa')), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hex(hmac_sha256(Secret(), "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Hash, PiecesAreTheWhole) {
  Sha256 pieces;
  pieces.update("a").update("").update("bc");
  EXPECT_EQ(pieces.finish(), sha256("abc"));
  Sha256 moved = std::move(Sha256().update("ab"));
  EXPECT_EQ(moved.update("c").finish(), sha256("abc"));
}

TEST(Hash, PartsCannotBeConfused) {
  EXPECT_NE(sha256_of_parts({"ab", "c"}), sha256_of_parts({"a", "bc"}));
  EXPECT_NE(sha256_of_parts({"abc"}), sha256_of_parts({"abc", ""}));
  using namespace std::string_view_literals;
  EXPECT_EQ(sha256_of_parts({"ab"}), sha256("\0\0\0\0\0\0\0\2ab"sv));
}

TEST(Hash, ThreadsDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([t] {
      const std::string text(static_cast<std::size_t>(1000 + t), static_cast<char>('a' + t));
      const auto expected = sha256(text);
      for (int i = 0; i < 500; ++i) EXPECT_EQ(sha256(text), expected);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(Md5, IsThatOfRfc1321) {
  EXPECT_EQ(hex_encode(view(md5(""))), "d41d8cd98f00b204e9800998ecf8427e");
  EXPECT_EQ(hex_encode(view(md5("abc"))), "900150983cd24fb0d6963f7d28e17f72");
}

TEST(ConstantTime, ComparesContentAndLength) {
  EXPECT_TRUE(equal_in_constant_time("", ""));
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abcd"));
  EXPECT_FALSE(equal_in_constant_time("", "a"));
}

}  // namespace
}  // namespace quicklime::crypto
