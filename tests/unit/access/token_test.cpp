#include "access/token.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "fixture.hpp"

namespace quicklime::access {
namespace {

TEST(Token, CarriesItsIdAnd256RandomBits) {
  const NewToken token = make_token();
  const std::string text(token.text.reveal());
  ASSERT_EQ(text.size(), 4 + 16 + 1 + 64U);
  EXPECT_EQ(text.substr(0, 21), "qlk_" + token.id.text() + "_");
  EXPECT_EQ(token.secret_sha256, hex_encode(crypto::view(crypto::sha256(*hex_decode(text.substr(21))))));
  EXPECT_NE(make_token().text.reveal(), text);
}

TEST(Token, ParsesBackAndNothingElseDoes) {
  const NewToken token = make_token();
  const std::string text(token.text.reveal());
  const auto parsed = parse_token(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, token.id);
  EXPECT_EQ(parsed->secret_sha256, token.secret_sha256);
  std::string upper = text;
  upper[25] = 'A';
  for (const std::string& bad : {std::string(), std::string("qlk_"), text.substr(4), text + "0", text.substr(0, text.size() - 1),
                                 " " + text, upper, "qlr_" + text.substr(4), "qlk_" + text.substr(5)}) {
    EXPECT_FALSE(parse_token(bad)) << bad;
  }
}

TEST(Token, FoldsToARecordThatIsLiveUntilRevoked) {
  test::TokenView tokens;
  const NewToken token = tokens.make("requester");
  const auto stored = [&] { return tokens.store->load({token_key(token.id)})->front(); };
  ASSERT_TRUE(stored());
  EXPECT_TRUE(token_is_live(stored()));
  tokens.fold(events::TokenRevoked{token.id});
  EXPECT_FALSE(token_is_live(stored()));
  const auto record = decode_token(*stored());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->revoked, tokens.clock.now_);
  EXPECT_EQ(record->created, tokens.clock.now_);
  EXPECT_EQ(record->profiles, std::vector<std::string>{"tls-server"});

  tokens.fold(events::TokenCreated{.token = token.id,
                                   .name = "again",
                                   .secret_sha256 = {},
                                   .role = "administrator",
                                   .profiles = {},
                                   .names = {},
                                   .not_after = tokens.clock.now_});
  EXPECT_FALSE(token_is_live(stored())) << "what is revoked is not made again";
  EXPECT_EQ(decode_token(*stored())->name, "ci");
}

// An administrator's token, revoked, made an administrator's token that stood.
TEST(Token, IsBornRevokedWhenItsAuthorWasNotLiveAtThatOffset) {
  test::TokenView tokens;
  const NewToken author = tokens.make("administrator");
  const auto made_by = [&](const TokenId& by, unsigned rules) {
    const NewToken made = make_token();
    const events::TokenCreated created{.token = made.id,
                                       .name = "made",
                                       .secret_sha256 = made.secret_sha256,
                                       .role = "administrator",
                                       .profiles = {},
                                       .names = {},
                                       .not_after = tokens.clock.now_ + std::chrono::hours(24)};
    tokens.fold(created, {events::Actor::Kind::token, by.text()}, rules);
    return made.id;
  };
  const auto live = [&](const TokenId& id) { return token_is_live(tokens.store->load({token_key(id)})->front()); };
  const TokenId before = made_by(author.id, 2);
  EXPECT_TRUE(live(before));
  tokens.fold(events::TokenRevoked{author.id});
  const TokenId after = made_by(author.id, 2);
  EXPECT_FALSE(live(after));
  EXPECT_EQ(decode_token(*tokens.store->load({token_key(after)})->front())->revoked, tokens.clock.now_);
  EXPECT_FALSE(live(made_by(after, 2))) << "nor do its children stand";
  EXPECT_FALSE(live(made_by(TokenId("0123456789abcdef"), 2))) << "of an author that never was";
  EXPECT_TRUE(live(before)) << "what was made in time stays";
  EXPECT_TRUE(live(made_by(author.id, 1))) << "judged by the rules of its own time";

  EXPECT_FALSE(live(made_by(author.id, 3)));

  const TokenId stranger = tokens.make("administrator").id;
  tokens.fold(events::TokenRevoked{stranger}, {events::Actor::Kind::token, author.id.text()}, 2);
  EXPECT_FALSE(live(stranger)) << "no reading of a log makes a revocation disappear";
}

TEST(Token, AbsentAndUndecodableRecordsAreNotLive) {
  EXPECT_FALSE(token_is_live(std::nullopt));
  EXPECT_FALSE(token_is_live("{}"));
  EXPECT_FALSE(token_is_live("rubbish"));
}

TEST(Token, RevocationsOfUnknownTokensChangeNothing) {
  test::TokenView tokens;
  tokens.fold(events::TokenRevoked{TokenId("0123456789abcdef")});
  EXPECT_FALSE(tokens.store->load({token_key(TokenId("0123456789abcdef"))})->front());
}

}  // namespace
}  // namespace quicklime::access
