#include "api/request_input.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/work.hpp"

namespace quicklime::api {
namespace {

using testing::HasSubstr;

http::Request with_body(std::string body, const char* type = "application/json") {
  http::Request request{.method = http::Method::post, .target = "/v1/certificates", .path = "/v1/certificates", .body = std::move(body)};
  if (type != nullptr) request.headers.set("Content-Type", type);
  return request;
}
Error refused_input(std::string body, const char* type = "application/json") {
  const auto parsed = JsonBody::parse(with_body(std::move(body), type), {"csr", "names"});
  EXPECT_FALSE(parsed);
  return parsed ? Error{ErrorCode::internal, "none", "not refused"} : parsed.error();
}

TEST(JsonBody, MembersAreReadByNameAndKind) {
  const auto body =
      JsonBody::parse(with_body(R"({"csr": "pem", "names": ["a", "b"]})", "Application/JSON; charset=utf-8"), {"csr", "names", "node"});
  ASSERT_TRUE(body) << body.error().detail;
  EXPECT_EQ(body->text("csr").value(), "pem");
  EXPECT_EQ(body->texts("names").value(), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(body->text("node").value(), std::nullopt);
}

TEST(JsonBody, NoBodyIsAnEmptyObject) {
  const auto body = JsonBody::parse(with_body("", nullptr), {"csr"});
  ASSERT_TRUE(body);
  EXPECT_EQ(body->text("csr").value(), std::nullopt);
}

TEST(JsonBody, WhatNobodyWouldReadIsRefusedByName) {
  const Error unknown = refused_input(R"({"cssr": "pem"})");
  EXPECT_EQ(unknown.reason, "member-unknown");
  EXPECT_EQ(unknown.field, "/cssr");
  EXPECT_THAT(unknown.detail, HasSubstr("csr, names"));
  EXPECT_EQ(refused_input(R"({"csr": "a", "csr": "b"})").reason, "member-repeated");
}

TEST(JsonBody, WhatIsNoObjectIsRefused) {
  for (const char* body : {"[]", "\"csr\"", "{\"csr\":}", "{} {}", "{\"csr\": \"\xff\"}"})
    EXPECT_EQ(refused_input(body).reason, "json-malformed") << body;
  EXPECT_EQ(refused_input("csr=pem", "application/x-www-form-urlencoded").code, ErrorCode::unsupported);
}

std::uint64_t values_of(const std::string& body) {
  const auto before = work::counted(work::Kind::json_value);
  (void)JsonBody::parse(with_body(body), {"csr", "names"});
  return work::counted(work::Kind::json_value) - before;
}
std::string repeated(const std::string& text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

// Nothing is read behind the place where a body stops being one flat object: counted, not timed.
TEST(JsonBody, WhatIsDeepOrManyIsRefusedWhereItBegins) {
  EXPECT_EQ(refused_input(R"({"csr": {"a": 1}})").reason, "member-kind");
  EXPECT_EQ(refused_input(R"({"names": ["a", ["b"]]})").reason, "member-kind");
  EXPECT_EQ(refused_input(R"({"names": [{}]})").field, "/names");
  EXPECT_EQ(refused_input(R"({"names": [)" + repeated("\"\",", 1'000) + R"("a"]})").reason, "json-too-many-values");
  EXPECT_TRUE(JsonBody::parse(with_body(R"({"names": [)" + repeated("\"\",", 900) + R"("a"]})"), {"names"}));

  EXPECT_EQ(values_of(repeated("[", 32'000)), 1U);
  EXPECT_LE(values_of(repeated("{\"csr\":", 8'000)), 1U);
  EXPECT_LE(values_of("{\"names\":" + repeated("[", 32'000)), 2U);
  EXPECT_LE(values_of("{\"names\":[" + repeated("[],", 20'000)), 2U);
  EXPECT_LE(values_of("{\"names\":[" + repeated("0,", 32'000)), 1'001U);
  EXPECT_LE(values_of("{\"unknown\":[" + repeated("0,", 32'000)), 0U);
}

TEST(JsonBody, AMemberOfAnotherKindIsRefusedWhenItIsAskedFor) {
  const auto body = JsonBody::parse(with_body(R"({"csr": 7, "names": ["a", 1]})"), {"csr", "names"});
  ASSERT_TRUE(body);
  EXPECT_EQ(body->text("csr").error().reason, "member-kind");
  EXPECT_EQ(body->texts("names").error().field, "/names");
}

TEST(QueryParameters, AnUnknownOneIsRefusedWithThoseThatExist) {
  http::Request request;
  request.query["limit"] = "10";
  EXPECT_TRUE(only_parameters(request, {"limit", "cursor"}));
  request.query["lmit"] = "10";
  const auto refused = only_parameters(request, {"limit", "cursor"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "lmit");
  EXPECT_THAT(refused.error().detail, HasSubstr("limit, cursor"));
}

}  // namespace
}  // namespace quicklime::api
