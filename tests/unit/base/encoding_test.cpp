#include "base/encoding.hpp"

#include <gtest/gtest.h>

#include <random>

namespace quicklime {
namespace {
using namespace std::string_literals;

// RFC 4648 section 10
TEST(Base64, VectorsOfTheRfc) {
  const std::pair<const char*, const char*> vectors[] = {
      {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64_encode(bytes), text);
    EXPECT_EQ(base64_decode(text), bytes);
  }
  EXPECT_EQ(base64url_encode("fo"), "Zm8");
  EXPECT_EQ(base64url_encode("\xFB\xFF"s), "-_8");
  EXPECT_EQ(base64_encode("\xFB\xFF"s), "+/8=");
}

TEST(Base64, DecodesBothAlphabetsWithAndWithoutPadding) {
  for (const char* text : {"+/8=", "+/8", "-_8=", "-_8"}) EXPECT_EQ(base64_decode(text), "\xFB\xFF"s) << text;
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"Z", "Zm9vY", "Zm 8=", "Zm8=\n", "Zm8*", "=", "==", "====", "Zg=", "Zg===", "Z===", "Zm9v=", "Zg==Zg=="}) {
    EXPECT_FALSE(base64_decode(text).has_value()) << text;
  }
  EXPECT_FALSE(base64_decode("Zm9v\0Zm9"s).has_value());
  EXPECT_FALSE(base64_decode("Zh==").has_value()) << "bits behind the last octet that are not zero";
}

TEST(Hex, EncodesLowerCaseAndDecodesAnyCase) {
  EXPECT_EQ(hex_encode("\x00\xAB\xFF"s), "00abff");
  EXPECT_EQ(hex_decode("00aBFf"), "\x00\xAB\xFF"s);
  EXPECT_EQ(hex_decode(""), "");
  for (const char* text : {"0", "0g", "0x00", "00 1", "é"}) EXPECT_FALSE(hex_decode(text).has_value()) << text;
}

TEST(Encoding, RoundTrips) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    std::string bytes(random() % 70, '\0');
    for (char& c : bytes) c = static_cast<char>(random());
    EXPECT_EQ(hex_decode(hex_encode(bytes)), bytes);
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64_decode(base64url_encode(bytes)), bytes);
  }
}

}  // namespace
}  // namespace quicklime
