#include "command_line/bodies.hpp"

#include <gtest/gtest.h>

#include "all_in_one/control.hpp"

namespace quicklime::command_line {
namespace {

TEST(Bodies, WhatIsNotGivenIsLeftOut) {
  EXPECT_EQ(encode(IssueBody{.csr = "CSR", .profile = "tls-server", .lifetime = {}, .service = {}, .node = {}}),
            R"({"csr":"CSR","profile":"tls-server"})");
  EXPECT_EQ(encode(RevokeBody{}), "{}");
  EXPECT_EQ(encode(RevokeBody{.reason = "keyCompromise", .secret = {}, .signature = {}, .same_key = true, .with_successors = true}),
            R"({"reason":"keyCompromise","same_key":true,"with_successors":true})");
  EXPECT_EQ(encode(TokenBody{.name = "ci", .role = {}, .profiles = {}, .names = {"*.internal"}, .lifetime = "30d"}),
            R"({"name":"ci","names":["*.internal"],"lifetime":"30d"})");
}

TEST(Bodies, AnAnswerThatIsNotUnderstoodIsAnErrorAndNoException) {
  for (const char* body : {"", "[]", "{}", "null", R"({"serial":1})", R"({"certificates":[{}]})", R"({"not_after":"soon"})",
                           R"({"revocations":[]})", R"({"revocations":7})"}) {
    EXPECT_EQ(decode_issued(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_certificates(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_revocation(body).error().reason, "answer-not-understood") << body;
    EXPECT_EQ(decode_tokens(body).error().reason, "answer-not-understood") << body;
    EXPECT_TRUE(decode_tokens(body).error().detail.starts_with("the server's answer is not a list of tokens as this version knows it"));
    EXPECT_TRUE(all_in_one::decode_views(body).error().detail.find("not the state of the views as this version knows it") !=
                std::string::npos);
  }
}

TEST(Bodies, AdditionsAreIgnored) {
  const auto answer = decode_revocation(R"({"serial":"0a","status":"revoked","reason":"superseded","position":"0.7","colour":"blue"})");
  ASSERT_TRUE(answer);
  ASSERT_EQ(answer->revoked.size(), 1u);
  EXPECT_EQ(answer->revoked[0].reason, "superseded");
  EXPECT_EQ(answer->revoked[0].revoked_at, "");
  EXPECT_TRUE(answer->same_key.empty() && answer->successors.empty() && !answer->more);
}

TEST(Bodies, ARevocationOfOneAndOfManyReadAlike) {
  for (const char* body :
       {R"({"serial":"0a","status":"revoked","also":[{"serial":"0b","status":"revoked"}],"successors":["0c"],"more":true})",
        R"({"revocations":[{"serial":"0a","status":"revoked"},{"serial":"0b","status":"revoked"}],"successors":["0c"],"more":true})"}) {
    const auto answer = decode_revocation(body);
    ASSERT_TRUE(answer) << body;
    ASSERT_EQ(answer->revoked.size(), 2u);
    EXPECT_EQ(answer->revoked[1].serial, "0b");
    EXPECT_EQ(answer->successors, std::vector<std::string>{"0c"});
    EXPECT_TRUE(answer->more);
  }
}

TEST(Bodies, PagesBecomeOneList) {
  EXPECT_EQ(merge_pages({R"({"list":[1,2],"next":"c","position":"0.1"})", R"({"list":[3],"position":"0.2"})"}, "list"),
            "{\n  \"list\": [\n    1,\n    2,\n    3\n  ],\n  \"position\": \"0.1\"\n}");
}

}  // namespace
}  // namespace quicklime::command_line
