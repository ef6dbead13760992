// The front end's files, as a browser asks for them.

#include "dashboard_api/page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "dashboard_api/service.hpp"
#include "support/role_fixture.hpp"

namespace quicklime::dashboard_api {
namespace {

using ::testing::HasSubstr;

const std::vector<PageFile> kFiles{
    {"assets/index-3f2a.css", "body{}", "", "", "\"c\""},
    {"assets/index-3f2a.js", "script", "brotli", "gzip", "\"s\""},
    {"index.html", "<!doctype html>", "", "", "\"i\""},
};

class Page : public ::testing::Test {
 protected:
  Page() : role(projection()) { serve(kFiles); }
  void serve(std::span<const PageFile> files) {
    role.serve([files](api::ServiceContext) { return runtime::Service{.public_routes = {}, .routes = page_routes(files)}; });
  }
  test::Answer get(const std::string& target, std::vector<std::pair<std::string, std::string>> headers = {}) {
    auto request = role.get(target);
    for (auto& [name, value] : headers) request.header(name, value);
    return request.send();
  }

  test::Role role;
};

TEST_F(Page, ABrowserThatOnlyKnowsTheHostIsLedToIt) {
  for (const char* target : {"/", "/ui"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 302U) << target;
    EXPECT_EQ(answer.header("Location"), "/ui/") << target;
  }
}

TEST_F(Page, ItsOwnAddressesAreThePageAndWhatLooksLikeAFileIsOne) {
  for (const char* target : {"/ui/", "/ui/certificates", "/ui/certificates/0a1b", "/ui/index.html"}) {
    const auto answer = get(target);
    EXPECT_EQ(answer.status, 200U) << target;
    EXPECT_EQ(answer.body, "<!doctype html>") << target;
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.header("Cache-Control"), "no-cache") << "the next version is seen at once";
  }
  for (const char* target : {"/ui/assets/gone-0000.js", "/ui/../secret.txt", "/ui/assets/"}) {
    const auto answer = get(target);
    if (std::string(target).ends_with('/')) continue;  // an address like any other
    EXPECT_EQ(answer.status, 404U) << target;
  }
}

TEST_F(Page, NothingOfItComesFromElsewhereOrRunsInAFrame) {
  for (const char* target : {"/ui/", "/ui/assets/index-3f2a.js"}) {
    const auto answer = get(target);
    EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("default-src 'self'"));
    EXPECT_THAT(answer.header("Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));
    EXPECT_EQ(answer.header("Content-Security-Policy").find("unsafe"), std::string::npos);
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("Referrer-Policy"), "no-referrer");
  }
}

TEST_F(Page, WhatCarriesItsHashIsKeptAndComesCompressedForWhoCan) {
  const std::string script = "/ui/assets/index-3f2a.js";
  EXPECT_THAT(get(script).header("Cache-Control"), HasSubstr("immutable"));
  EXPECT_EQ(get(script).body, "script");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "gzip, deflate, br"}}).body, "brotli");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "gzip, deflate, br"}}).header("Content-Encoding"), "br");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "gzip"}}).body, "gzip");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "br;q=0, gzip;q=0.5"}}).body, "gzip");
  EXPECT_EQ(get(script, {{"Accept-Encoding", "brotli"}}).body, "script") << "that is no name of an encoding";
  EXPECT_EQ(get("/ui/assets/index-3f2a.css", {{"Accept-Encoding", "br"}}).body, "body{}");
  EXPECT_EQ(get(script).header("Vary"), "Accept-Encoding");
}

TEST_F(Page, WhoHasItAlreadyIsNotSentItAgain) {
  const auto first = get("/ui/");
  EXPECT_EQ(first.header("ETag"), "W/\"i\"");
  for (const char* known : {"*", "\"i\"", "W/\"i\"", "\"x\", \"i\""}) {
    const auto again = get("/ui/", {{"If-None-Match", known}});
    EXPECT_EQ(again.status, 304U) << known;
    EXPECT_EQ(again.body, "");
    EXPECT_EQ(again.header("ETag"), "W/\"i\"");
  }
  EXPECT_EQ(get("/ui/", {{"If-None-Match", "\"older\""}}).status, 200U);
}

TEST_F(Page, AProgramWithoutItSaysHowToBuildIt) {
  test::Role bare(projection());
  bare.serve([](api::ServiceContext) { return runtime::Service{.public_routes = {}, .routes = page_routes({})}; });
  const auto answer = bare.get("/ui/").send();
  EXPECT_EQ(answer.status, 503U);
  EXPECT_THAT(answer.body, HasSubstr("npm run build"));
}

}  // namespace
}  // namespace quicklime::dashboard_api
