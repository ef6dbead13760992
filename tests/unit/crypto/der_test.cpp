#include "crypto/der.hpp"

#include <gtest/gtest.h>

namespace quicklime::crypto {
namespace {
using namespace std::string_literals;

TEST(DerReader, ReadsElementsInOrder) {
  const std::string bytes = "\x02\x01\x05\x04\x02hi"s;
  DerReader reader(bytes);
  EXPECT_EQ(reader.small_integer(), 5U);
  EXPECT_EQ(reader.value(Tag::octet_string), "hi");
  EXPECT_TRUE(reader.empty());
  EXPECT_FALSE(reader.any().has_value());
}

TEST(DerReader, RefusesWhatIsNotDer) {
  const std::pair<const char*, std::string> cases[] = {
      {"nothing", ""s},
      {"tag alone", "\x04"s},
      {"indefinite length", "\x30\x80\x00\x00"s},
      {"length past the end", "\x04\x03hi"s},
      {"long form for a short length", "\x04\x81\x02hi"s},
      {"leading zero in the length", "\x04\x82\x00\x80"s + std::string(128, 'x')},
      {"length cut off", "\x04\x82\x01"s},
      {"length of five octets", "\x04\x85\x00\x00\x00\x00\x01x"s},
      {"reserved length", "\x04\xFFxx"s},
      {"length of 4 GiB", "\x04\x84\xFF\xFF\xFF\xFFx"s},
      {"high tag number", "\x1F\x81\x01\x00"s},
  };
  for (const auto& [what, bytes] : cases) {
    DerReader reader(bytes);
    EXPECT_FALSE(reader.any().has_value()) << what;
    EXPECT_EQ(reader.rest(), bytes) << what << ": a failed read moves nothing";
  }
}

TEST(DerReader, LengthsAtTheBorders) {
  for (const std::size_t size : {0U, 1U, 127U, 128U, 255U, 256U, 65535U, 65536U, 16777216U}) {
    const std::string content(size, 'x');
    const std::string encoded = der(Tag::octet_string, content);
    EXPECT_EQ(encoded, der_header(Tag::octet_string, size) + content);
    DerReader reader(encoded);
    EXPECT_EQ(reader.value(Tag::octet_string), content) << size;
    EXPECT_TRUE(reader.empty());
  }
}

TEST(DerReader, AnotherTagIsNotRead) {
  const std::string bytes = "\x04\x02hi"s;
  DerReader reader(bytes);
  EXPECT_FALSE(reader.value(Tag::utf8_string).has_value());
  EXPECT_FALSE(reader.enter(Tag::sequence).has_value());
  EXPECT_FALSE(reader.unsigned_integer().has_value());
  EXPECT_EQ(reader.encoded(Tag::octet_string), bytes);
}

TEST(DerReader, IntegersAreMinimalAndNotNegative) {
  const auto read = [](std::string bytes) {
    DerReader reader(bytes);
    const auto octets = reader.unsigned_integer();
    return octets ? std::optional<std::string>(*octets) : std::nullopt;
  };
  EXPECT_EQ(read("\x02\x01\x00"s), "");
  EXPECT_EQ(read("\x02\x01\x7F"s), "\x7F");
  EXPECT_EQ(read("\x02\x02\x00\x80"s), "\x80");
  EXPECT_EQ(read("\x02\x02\x00\x7F"s), std::nullopt) << "a sign octet without need";
  EXPECT_EQ(read("\x02\x02\x00\x00"s), std::nullopt);
  EXPECT_EQ(read("\x02\x01\x80"s), std::nullopt) << "negative";
  EXPECT_EQ(read("\x02\x00"s), std::nullopt) << "without octets";

  for (const std::uint64_t number :
       {std::uint64_t{0}, std::uint64_t{127}, std::uint64_t{128}, std::uint64_t{65536}, ~std::uint64_t{0} >> 1U}) {
    const std::string encoded = der_integer(number);
    DerReader reader(encoded);
    EXPECT_EQ(reader.small_integer(), number);
  }
  const std::string large = der_integer(~std::uint64_t{0});
  EXPECT_FALSE(DerReader(large).small_integer().has_value()) << "beyond 2^63-1";
}

TEST(DerReader, BooleansAreZeroOrAllOnes) {
  const auto read = [](std::string bytes) { return DerReader(bytes).boolean(); };
  EXPECT_EQ(read("\x01\x01\xFF"s), true);
  EXPECT_EQ(read("\x01\x01\x00"s), false);
  EXPECT_EQ(read("\x01\x01\x01"s), std::nullopt);
  EXPECT_EQ(read("\x01\x00"s), std::nullopt);
  EXPECT_EQ(read("\x01\x02\xFF\xFF"s), std::nullopt);
  EXPECT_EQ(read(der_boolean_true()), true);
}

TEST(DerReader, BitStringsOfWholeOctets) {
  const auto read = [](std::string bytes) {
    DerReader reader(bytes);
    const auto octets = reader.bit_string();
    return octets ? std::optional<std::string>(*octets) : std::nullopt;
  };
  EXPECT_EQ(read(der_bit_string("abc")), "abc");
  EXPECT_EQ(read("\x03\x01\x00"s), "");
  EXPECT_EQ(read("\x03\x00"s), std::nullopt);
  EXPECT_EQ(read("\x03\x02\x01\x80"s), std::nullopt) << "unused bits";
}

}  // namespace
}  // namespace quicklime::crypto
