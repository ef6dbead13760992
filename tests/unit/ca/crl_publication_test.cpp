#include "ca/crl_publication.hpp"

#include <gtest/gtest.h>

namespace quicklime::ca {
namespace {

TEST(CrlNumber, IsThePositionInDecimalAndOctets) {
  EXPECT_EQ(crl_number_text({0, 0}), "0");
  EXPECT_EQ(crl_number_text({0, 42}), "42");
  EXPECT_EQ(crl_number_text({1, 0}), "18446744073709551616");
  EXPECT_EQ(crl_number_text({~0ULL, ~0ULL}), "340282366920938463463374607431768211455");
  for (const Position number : {Position{0, 0}, Position{0, 42}, Position{1, 7}, Position{~0ULL, ~0ULL}}) {
    EXPECT_EQ(parse_crl_number(crl_number_text(number)).value(), number);
  }
  EXPECT_EQ(crl_number_octets({0, 0}), std::string(1, '\0'));
  EXPECT_EQ(crl_number_octets({0, 0x0102}), "\x01\x02");
  EXPECT_EQ(crl_number_octets({1, 0}), std::string("\x01\0\0\0\0\0\0\0\0", 9));
  for (const char* wrong :
       {"", "-1", "+1", "01", "1 ", "0x1", "340282366920938463463374607431768211456", "99999999999999999999999999999999999999999"}) {
    EXPECT_FALSE(parse_crl_number(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace quicklime::ca
