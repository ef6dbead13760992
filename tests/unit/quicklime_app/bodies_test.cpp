#include "quicklime/bodies.hpp"

#include <gtest/gtest.h>

namespace quicklime::app {
namespace {

TEST(Bodies, WhatIsNotGivenIsLeftOut) {
  EXPECT_EQ(encode(IssueBody{.csr = "CSR", .profile = "tls-server", .lifetime = {}, .service = {}, .node = {}}),
            R"({"csr":"CSR","profile":"tls-server"})");
  EXPECT_EQ(encode(RevokeBody{.reason = {}, .secret = {}}), "{}");
  EXPECT_EQ(encode(TokenBody{.name = "ci", .role = {}, .profiles = {}, .names = {"*.internal"}, .lifetime = "30d"}),
            R"({"name":"ci","names":["*.internal"],"lifetime":"30d"})");
}

TEST(Bodies, AnAnswerThatIsNotUnderstoodIsAnErrorAndNoException) {
  for (const char* body : {"", "[]", "{}", "null", R"({"serial":1})", R"({"certificates":[{}]})", R"({"not_after":"soon"})"}) {
    EXPECT_EQ(decode_issued(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_certificates(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_status_answer(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_revocations(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_tokens(body).error().reason, "answer-not-understood") << body;
  }
}

TEST(Bodies, AdditionsAreIgnored) {
  const auto answer = decode_status_answer(R"({"serial":"0a","status":"revoked","reason":"superseded","position":"0.7","colour":"blue"})");
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->reason, "superseded");
  EXPECT_EQ(answer->revoked_at, "");
}

TEST(Bodies, PagesBecomeOneList) {
  EXPECT_EQ(merge_pages({R"({"list":[1,2],"next":"c","position":"0.1"})", R"({"list":[3],"position":"0.2"})"}, "list"),
            "{\n  \"list\": [\n    1,\n    2,\n    3\n  ],\n  \"position\": \"0.1\"\n}");
}

}  // namespace
}  // namespace quicklime::app
