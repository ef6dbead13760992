#include "base/serial_number.hpp"

#include <gtest/gtest.h>

#include <set>
#include <unordered_set>

namespace quicklime {
namespace {
using namespace std::string_literals;

SerialNumber serial(std::string_view hex) { return SerialNumber::from_hex(hex).value(); }

TEST(SerialNumber, ReadsTheFormsThatPeopleAndToolsWrite) {
  for (const char* text : {"39dd0a", "39DD0A", "39:dd:0A", "0x39dd0a", "0X39DD0A", "0039dd0a", "00:39:dd:0a"}) {
    EXPECT_EQ(serial(text).hex(), "39dd0a") << text;
  }
  EXPECT_EQ(serial("1").hex(), "01");
  EXPECT_EQ(serial("abc").hex(), "0abc");
}

TEST(SerialNumber, RefusesWhatIsNotHex) {
  for (const char* text : {"", ":", "0x", "39 dd", "39-dd", "xyz", "39ddg0", "-1"}) {
    const auto parsed = SerialNumber::from_hex(text);
    ASSERT_FALSE(parsed.has_value()) << text;
    EXPECT_EQ(parsed.error().reason, "serial-malformed");
    EXPECT_EQ(parsed.error().code, ErrorCode::invalid);
  }
}

TEST(SerialNumber, IsPositive) {
  EXPECT_FALSE(SerialNumber::from_hex("00").has_value());
  EXPECT_FALSE(SerialNumber::from_octets(""s).has_value());
  EXPECT_FALSE(SerialNumber::from_octets("\0\0"s).has_value());
  EXPECT_FALSE(SerialNumber::from_decimal("0").has_value());
}

TEST(SerialNumber, HasAtMostTwentyOctetsAsDerCountsThem) {
  EXPECT_TRUE(SerialNumber::from_octets(std::string(20, '\x7F')).has_value());
  EXPECT_TRUE(SerialNumber::from_octets(std::string(19, '\xFF')).has_value());
  EXPECT_FALSE(SerialNumber::from_octets(std::string(20, '\x80')).has_value()) << "the sign octet is the 21st";
  EXPECT_FALSE(SerialNumber::from_octets(std::string(21, '\x01')).has_value());
  EXPECT_TRUE(SerialNumber::from_octets("\0"s + std::string(20, '\x01')).has_value()) << "leading zeros do not count";
  EXPECT_FALSE(SerialNumber::from_hex(std::string(100'000, 'f')).has_value());
}

TEST(SerialNumber, DecimalIsTheSameNumber) {
  EXPECT_EQ(SerialNumber::from_decimal("3792138").value(), serial("39dd0a"));
  EXPECT_EQ(serial("39dd0a").decimal(), "3792138");
  EXPECT_EQ(serial("ff").decimal(), "255");
  EXPECT_EQ(serial("0100").decimal(), "256");
  // 2^159 - 1, the greatest
  const std::string greatest = "730750818665451459101842416358141509827966271487";
  EXPECT_EQ(SerialNumber::from_decimal(greatest).value().hex(), "7f" + std::string(38, 'f'));
  EXPECT_EQ(serial("7f" + std::string(38, 'f')).decimal(), greatest);
  EXPECT_FALSE(SerialNumber::from_decimal("730750818665451459101842416358141509827966271488").has_value());
  for (const char* text : {"", "12a", "-5", " 5", "0x10"}) EXPECT_FALSE(SerialNumber::from_decimal(text).has_value()) << text;
  EXPECT_FALSE(SerialNumber::from_decimal(std::string(50, '1')).has_value());
}

TEST(SerialNumber, IsOrderedByValue) {
  EXPECT_LT(serial("ff"), serial("0100"));
  EXPECT_LT(serial("7f"), serial("80"));
  EXPECT_EQ(serial("0001"), serial("01"));
  const std::set<SerialNumber> ordered{serial("0100"), serial("02"), serial("ff")};
  EXPECT_EQ(ordered.begin()->hex(), "02");
  const std::unordered_set<SerialNumber> hashed{serial("01"), serial("0001")};
  EXPECT_EQ(hashed.size(), 1U);
}

}  // namespace
}  // namespace quicklime
