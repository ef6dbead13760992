#include "ca/revocation_secret.hpp"

#include <gtest/gtest.h>

namespace quicklime::ca {
namespace {

const SerialNumber kSerial = *SerialNumber::from_hex("39dd0a5e6f708192a3b4c5d6e7f80912");

RevocationKey key(char octet) { return RevocationKey(Secret(std::string(32, octet))); }

// printf '\x39\xdd...' | openssl dgst -sha256 -mac HMAC -macopt hexkey:4141...
constexpr const char* kByOpenssl = "fc148f670f30bbd15d85680528fb9380d87b9049e65b4bf01a77d45e72cc747b";

TEST(RevocationSecret, IsWhatOpensslComputes) {
  EXPECT_EQ(key('A').secret_for(kSerial).reveal(), "qlr_" + kSerial.hex() + "_" + kByOpenssl);
}

TEST(RevocationSecret, IsTheSameEveryTimeAndEnoughByItself) {
  const RevocationKey ours = key('A');
  const Secret secret = ours.secret_for(kSerial);
  EXPECT_EQ(secret.reveal(), ours.secret_for(kSerial).reveal());
  const auto serial = ours.verify(secret.reveal());
  ASSERT_TRUE(serial);
  EXPECT_EQ(*serial, kSerial);
}

TEST(RevocationSecret, AnythingElseIsRefusedAlike) {
  const RevocationKey ours = key('A');
  const std::string good(ours.secret_for(kSerial).reveal());
  std::string other_serial = good, other_mac = good;
  other_serial[4] = other_serial[4] == '3' ? '4' : '3';
  other_mac.back() = other_mac.back() == '0' ? '1' : '0';
  for (const std::string& wrong :
       {std::string(), std::string("qlr_"), std::string("qlr__"), good.substr(1), good.substr(0, good.size() - 1), good + "0", " " + good,
        other_serial, other_mac, std::string(key('B').secret_for(kSerial).reveal())}) {
    const auto serial = ours.verify(wrong);
    ASSERT_FALSE(serial) << wrong;
    EXPECT_EQ(serial.error().code, ErrorCode::unauthenticated);
    EXPECT_EQ(serial.error().reason, "revocation-secret-wrong");
  }
}

TEST(RevocationSecret, KeysAreToldApartByIdsThatSayNothingOfThem) {
  EXPECT_EQ(key('A').id().size(), 8U);
  EXPECT_EQ(key('A').id(), key('A').id());
  EXPECT_NE(key('A').id(), key('B').id());
}

TEST(RevocationKeys, EachVerifiesAndTheCurrentOneMakes) {
  std::vector<RevocationKey> others;
  for (const char octet : {'B', 'A', 'C'}) others.push_back(key(octet));
  const RevocationKeys keys(key('A'), std::move(others));
  EXPECT_EQ(keys.all().size(), 3U) << "the same key twice is one";
  EXPECT_EQ(keys.current().id(), key('A').id());
  for (const char octet : {'A', 'B', 'C'}) {
    const auto serial = keys.verify(key(octet).secret_for(kSerial).reveal());
    ASSERT_TRUE(serial) << octet;
    EXPECT_EQ(*serial, kSerial);
    EXPECT_EQ(keys.find(key(octet).id())->id(), key(octet).id());
  }
  for (const std::string& wrong : {std::string(key('D').secret_for(kSerial).reveal()), std::string(), std::string("qlr_0a_")})
    EXPECT_EQ(keys.verify(wrong).error().reason, "revocation-secret-wrong");
}

}  // namespace
}  // namespace quicklime::ca
