// The record and the index keys by themselves.

#include "dashboard_api/view.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace quicklime::dashboard_api {
namespace {

Certificate a_certificate() {
  return {.serial = *SerialNumber::from_hex("0a1b"),
          .issued = {1, 42},
          .issued_at = Instant::from_milliseconds(1'234),
          .requester = {events::Actor::Kind::token, "ci"},
          .authority = AuthorityId("issuing-1"),
          .profile = "tls-server",
          .names = {"DNS:api.internal", "URI:spiffe://td/a b"},
          .not_before = Instant::from_seconds(1'000),
          .not_after = Instant::from_seconds(9'000),
          .key_sha256 = "key"};
}

TEST(Record, survives_its_encoding) {
  Certificate certificate = a_certificate();
  certificate.service = "shop";
  certificate.node = "n1";
  certificate.status = {ca::Status::Kind::revoked, pki::RevocationReason::superseded, Instant::from_seconds(5)};
  certificate.replaces = *SerialNumber::from_hex("01");
  certificate.replaced_by = *SerialNumber::from_hex("02");
  const auto decoded = decode_certificate(encode(certificate));
  ASSERT_TRUE(decoded) << decoded.error().detail;
  EXPECT_EQ(encode(*decoded), encode(certificate));
  EXPECT_EQ(decoded->issued, (Position{1, 42}));
  EXPECT_EQ(decoded->requester, (events::Actor{events::Actor::Kind::token, "ci"}));
  EXPECT_EQ(decoded->status, certificate.status);
  EXPECT_EQ(decoded->replaced_by, certificate.replaced_by);
  const auto plain = decode_certificate(encode(a_certificate()));
  ASSERT_TRUE(plain);
  EXPECT_FALSE(plain->service || plain->node || plain->replaces || plain->replaced_by);
}

TEST(Record, refuses_rubbish) {
  for (const auto* rubbish : {"", "{}", "[]", "null", "{\"serial\":1}", "{\"serial\":\"0a\"}"})
    EXPECT_FALSE(decode_certificate(rubbish)) << rubbish;
}

TEST(IndexKey, is_in_the_order_of_its_number_and_gives_back_its_parts) {
  std::vector<std::string> keys;
  for (const std::uint64_t number : {0ULL, 9ULL, 10ULL, 255ULL, 256ULL, 1ULL << 40, ~0ULL})
    keys.push_back(index_key("group", number, "0a"));
  EXPECT_TRUE(std::is_sorted(keys.begin(), keys.end()));
  for (const auto& key : keys) {
    EXPECT_EQ(group_of(key), "group");
    EXPECT_EQ(subject_of(key), "0a");
    EXPECT_TRUE(key.starts_with(group_prefix("group")));
  }
  EXPECT_EQ(subject_of("shorter"), "");
}

TEST(IndexKey, names_of_a_domain_stand_together) {
  EXPECT_EQ(name_group("DNS:api.load.internal"), "dns internal.load.api");
  EXPECT_EQ(name_group("DNS:localhost"), "dns localhost");
  EXPECT_EQ(name_group("DNS:*.internal"), "dns internal.*");
  EXPECT_EQ(name_group("IP:10.0.0.7"), "IP:10.0.0.7");
  EXPECT_TRUE(name_group("DNS:api.load.internal").starts_with(suffix_group(".load.internal")));
  EXPECT_FALSE(name_group("DNS:load.internal").starts_with(suffix_group(".load.internal")));
  EXPECT_FALSE(name_group("DNS:api.upload.internal").starts_with(suffix_group(".load.internal")));
}

}  // namespace
}  // namespace quicklime::dashboard_api
