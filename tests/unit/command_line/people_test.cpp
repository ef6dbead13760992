#include "command_line/people.hpp"

#include <gtest/gtest.h>

namespace quicklime::command_line {
namespace {

constexpr const char* kSession =
    R"({"session":"00112233445566ff","user":"local:alice","name":"Alice","method":"password","provider":"local","role":"administrator",
        "profiles":[],"names":["*.internal"],"created":"2026-11-28T07:00:00.000Z","not_after":"2026-11-28T15:00:00.000Z",
        "ends":"2026-11-28T07:30:00.000Z","ended":null,"failures":3,"current":true})";

TEST(People, ASessionIsReadWhereverItStands) {
  const auto alone = decode_session(kSession);
  ASSERT_TRUE(alone);
  EXPECT_EQ(alone->user, "local:alice");
  EXPECT_EQ(alone->ended, "") << "null: it has not";
  EXPECT_EQ(alone->failures, 3U);
  EXPECT_TRUE(alone->current);

  const auto signed_in =
      decode_signed_in(R"({"session":)" + std::string(kSession) + R"(,"text":"qls_00112233445566ff_aa","position":"0.7"})");
  ASSERT_TRUE(signed_in);
  EXPECT_EQ(signed_in->session.id, alone->id);
  EXPECT_EQ(signed_in->text, "qls_00112233445566ff_aa");

  const auto me =
      decode_me(R"({"actor":{"kind":"user","id":"local:alice"},"role":"administrator","session":)" + std::string(kSession) + "}");
  ASSERT_TRUE(me && me->session);
  EXPECT_EQ(me->session->names, std::vector<std::string>{"*.internal"});
  EXPECT_FALSE(decode_me(R"({"actor":{"kind":"unix","id":"root"},"role":"administrator","session":null})")->session);
}

TEST(People, WhatIsKeptForProgramsHasNoSecret) {
  const auto shown = session_alone(R"({"session":)" + std::string(kSession) + R"(,"text":"qls_00112233445566ff_aa"})");
  EXPECT_NE(shown.find("00112233445566ff"), std::string::npos);
  EXPECT_EQ(shown.find("qls_"), std::string::npos);
}

TEST(People, WhatIsNotGivenStaysAsItIs) {
  EXPECT_EQ(encode(GrantBody{}), "{}");
  EXPECT_EQ(encode(GrantBody{.role = "auditor", .names = std::vector<std::string>{}}), R"({"role":"auditor","names":[]})");
  EXPECT_EQ(encode_user("bob", GrantBody{.name = "Bob", .profiles = std::vector<std::string>{"tls-server"}}),
            R"({"user":"bob","name":"Bob","profiles":["tls-server"]})");
  EXPECT_EQ(encode_password(Secret::copy_of("new"), Secret()), R"({"password":"new"})");
  EXPECT_EQ(encode_password(Secret::copy_of("new"), Secret::copy_of("old")), R"({"password":"new","old_password":"old"})");
}

TEST(People, ClaimsOfOneNameAreOneList) {
  EXPECT_EQ(encode_rule_test("acme", {"groups=a", "ref=refs/heads/main", "groups=b=c"}),
            R"({"provider":"acme","claims":{"groups":["a","b=c"],"ref":["refs/heads/main"]}})");
}

TEST(People, AnAnswerThatIsNotUnderstoodIsAnErrorAndNoException) {
  for (const char* body :
       {"", "[]", "{}", "null", "7", R"({"session":7})", R"({"users":[{}]})", R"({"rules":{"a":1}})", R"({"actor":7})"}) {
    EXPECT_EQ(decode_signed_in(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_session(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_sessions(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_me(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_user(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_users(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_one_time(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_rules(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_rule_test(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_banner(body).error().reason, "answer-not-understood") << body;
  }
}

TEST(People, ABannerIsTextOrNone) {
  EXPECT_EQ(*decode_banner(R"({"banner":null,"ways":[]})"), "");
  EXPECT_EQ(*decode_banner("{\"banner\":\"Authorized use only\\u001b[2J\",\"ways\":[]}"), "Authorized use only\\u{1b}[2J");
}

}  // namespace
}  // namespace quicklime::command_line
