#include "access/principal.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "access/token.hpp"
#include "ca/decisions.hpp"
#include "fixture.hpp"

namespace quicklime::access {
namespace {

using Kind = events::Actor::Kind;

bool is_live(const ca::Principal& principal, std::optional<std::string> record) {
  const std::vector records{std::move(record)};
  return principal.is_live(records);
}

TEST(Principal, ATokenIsOneByItsRecordInEveryView) {
  const auto token = principal_of({Kind::token, "0123456789abcdef"});
  ASSERT_TRUE(token);
  EXPECT_EQ(token->records, std::vector{token_key(TokenId("0123456789abcdef"))});
  EXPECT_EQ(token->refusal, "token-revoked");
  EXPECT_EQ(token->since, 1U);
  EXPECT_FALSE(is_live(*token, std::nullopt)) << "whom this log does not know was nobody";
  ASSERT_TRUE(giver({Kind::token, "0123456789abcdef"}));
}

TEST(Principal, TheHolderOfACertificateIsOneWhereItIsIssuedAndGivesNothing) {
  const auto holder = principal_of({Kind::certificate, "0a"});
  ASSERT_TRUE(holder);
  EXPECT_EQ(holder->records, std::vector{ca::certificate_key(*SerialNumber::from_hex("0a"))});
  EXPECT_EQ(holder->certificate, SerialNumber::from_hex("0a").value());
  EXPECT_EQ(holder->refusal, "author-revoked");
  EXPECT_EQ(holder->since, 2U) << "rules 1 did not ask";
  EXPECT_FALSE(giver({Kind::certificate, "0a"}));

  const auto stored = [](const std::string& standing, ca::Status status) {
    return std::optional(ca::encode(ca::CertificateRecord{.offset = 1,
                                                          .authority = AuthorityId("issuing-1"),
                                                          .key_sha256 = "key",
                                                          .not_before = Instant::from_seconds(0),
                                                          .not_after = Instant::from_seconds(1),
                                                          .status = status,
                                                          .renewal_challenge = {},
                                                          .standing = standing}));
  };
  const ca::Status held{ca::Status::Kind::held, pki::RevocationReason::certificate_hold, Instant::from_seconds(1)};
  EXPECT_TRUE(is_live(*holder, stored("stands", {})));
  EXPECT_FALSE(is_live(*holder, stored("stands", held)));
  EXPECT_FALSE(is_live(*holder, stored("already-renewed", {}))) << "it was never answered";
  EXPECT_FALSE(is_live(*holder, std::nullopt));
  EXPECT_FALSE(is_live(*holder, "nothing of ours"));
  EXPECT_FALSE(principal_of({Kind::certificate, "no serial"}));
}

TEST(Principal, NobodyElseCanBeTakenBack) {
  for (const Kind kind : {Kind::control, Kind::process, Kind::revocation_secret}) EXPECT_FALSE(principal_of({kind, "0a"}));
}

}  // namespace
}  // namespace quicklime::access
