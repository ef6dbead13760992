#include "http/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "http/problem.hpp"

namespace quicklime::http {
namespace {

using testing::HasSubstr;

// Answers with its own template and the parameters that it was given.
Handler says(std::string name) {
  return [name = std::move(name)](const Request& request) -> async::Task<Result<Response>> {
    std::string text = name;
    for (const auto& [key, value] : request.parameters) text += " " + key + "=" + value;
    co_return Response::of(200, "text/plain", text);
  };
}

class RouterTest : public testing::Test {
 protected:
  void add(Method method, const std::string& path) { router.add({method, path, says(path)}); }
  Response ask(Method method, const std::string& path) {
    Request request;
    request.method = method;
    request.target = request.path = path;
    request.id = RequestId("test");
    return async::run_to_end(router.dispatch(std::move(request)));
  }
  std::string get(const std::string& path) {
    const Response response = ask(Method::get, path);
    return response.status == 200 ? response.body : std::to_string(response.status);
  }
  Router router;
};

TEST_F(RouterTest, FindsParameters) {
  add(Method::get, "/v1/certificates/{serial}/chain");
  EXPECT_EQ(get("/v1/certificates/0a%3Ab/chain"), "/v1/certificates/{serial}/chain serial=0a:b");
  EXPECT_EQ(get("/v1/certificates//chain"), "404") << "a parameter is not empty";
  EXPECT_EQ(get("/v1/certificates/0a/chain/"), "404");
  EXPECT_EQ(get("/v1/certificates/0a"), "404");
  EXPECT_EQ(get("/v1/certificates/0a/b/chain"), "404");
}

TEST_F(RouterTest, PrefersFixedTextWhateverTheOrder) {
  add(Method::get, "/{page...}");
  add(Method::get, "/crl/{authority}/{shard}.crl");
  add(Method::get, "/crl/{authority}.crl");
  add(Method::get, "/ca/{authority}.pem");
  add(Method::get, "/ca/roots.pem");
  add(Method::get, "/crl/{authority}/delta.crl");
  add(Method::get, "/ca/{anything}");
  EXPECT_EQ(get("/crl/issuing-1.crl"), "/crl/{authority}.crl authority=issuing-1");
  EXPECT_EQ(get("/crl/issuing-1/delta.crl"), "/crl/{authority}/delta.crl authority=issuing-1");
  EXPECT_EQ(get("/crl/issuing-1/7.crl"), "/crl/{authority}/{shard}.crl authority=issuing-1 shard=7");
  EXPECT_EQ(get("/ca/roots.pem"), "/ca/roots.pem");
  EXPECT_EQ(get("/ca/issuing-1.pem"), "/ca/{authority}.pem authority=issuing-1");
  EXPECT_EQ(get("/ca/.pem"), "/ca/{anything} anything=.pem");
  EXPECT_EQ(get("/"), "/{page...} page=");
  EXPECT_EQ(get("/assets/app.js"), "/{page...} page=assets/app.js");
}

TEST_F(RouterTest, ARestIsAsItWasSent) {
  add(Method::get, "/ocsp/{request...}");
  EXPECT_EQ(get("/ocsp/MFQ%2B+/%2Fa==%3D"), "/ocsp/{request...} request=MFQ%2B+/%2Fa==%3D");
  EXPECT_EQ(get("/ocsp/a//b///c"), "/ocsp/{request...} request=a//b///c");
  EXPECT_EQ(get("/ocsp//a"), "/ocsp/{request...} request=/a");
  EXPECT_EQ(get("/ocsp/%zz"), "/ocsp/{request...} request=%zz");
  EXPECT_EQ(get("/ocsp/"), "/ocsp/{request...} request=");
  EXPECT_EQ(get("/ocsp"), "404");
}

TEST_F(RouterTest, RefusesABrokenEscapeInAParameter) {
  add(Method::get, "/a/{x}");
  EXPECT_EQ(get("/a/%4"), "400");
  EXPECT_EQ(get("/a/%41"), "/a/{x} x=A");
}

TEST_F(RouterTest, SaysWhichMethodsThereAre) {
  add(Method::get, "/v1/things");
  add(Method::post, "/v1/things");
  add(Method::get, "/{page...}");
  const Response response = ask(Method::delete_, "/v1/things");
  EXPECT_EQ(response.status, 405U);
  EXPECT_EQ(response.headers.get("Allow"), "GET, HEAD, POST");
  EXPECT_EQ(ask(Method::other, "/v1/things").status, 405U);
  add(Method::post, "/only-post");
  EXPECT_EQ(ask(Method::get, "/only-post").headers.get("Allow"), "POST") << "not served by GET /{page...}";
}

TEST_F(RouterTest, ServesHeadByGet) {
  add(Method::get, "/a");
  EXPECT_EQ(ask(Method::head, "/a").status, 200U);
  EXPECT_EQ(ask(Method::head, "/b").status, 404U);
}

TEST_F(RouterTest, SaysWhatIsNotThere) {
  const Response response = ask(Method::get, "/nowhere");
  EXPECT_EQ(response.status, 404U);
  EXPECT_THAT(response.body, HasSubstr("no-such-path"));
}

TEST_F(RouterTest, RefusesAmbiguousRoutes) {
  add(Method::get, "/a/{x}");
  EXPECT_THROW(add(Method::get, "/a/{x}"), std::invalid_argument);
  EXPECT_THROW(add(Method::post, "/a/{y}"), std::invalid_argument);
  EXPECT_NO_THROW(add(Method::post, "/a/{x}"));
  for (const char* path : {"a", "", "/{x}{y}", "/{x", "/{}", "/{x...}/b", "/{x...}.crl"})
    EXPECT_THROW(add(Method::get, path), std::invalid_argument) << path;
  EXPECT_THROW(add(Method::other, "/b"), std::invalid_argument);
}

TEST_F(RouterTest, AGuardIsAskedBeforeTheHandler) {
  add(Method::get, "/a");
  add(Method::post, "/a");
  router.set_guard([](const Request& request) -> async::Task<Result<void>> {
    co_await async::yield();
    if (request.method == Method::get) co_return Result<void>();
    co_return fail(ErrorCode::denied, "tls-required", "Not in the clear.");
  });
  EXPECT_EQ(ask(Method::get, "/a").status, 200U);
  const Response response = ask(Method::post, "/a");
  EXPECT_EQ(response.status, 403U);
  EXPECT_THAT(response.body, HasSubstr("tls-required"));
}

async::Task<Result<Response>> throws_later(const Request&) {
  co_await async::yield();
  throw std::runtime_error("secret cause");
}

TEST_F(RouterTest, TurnsExceptionsAndErrorsIntoProblems) {
  router.add({Method::get, "/throws", throws_later});
  router.add({Method::get, "/odd", [](const Request&) -> async::Task<Result<Response>> { throw 7; }});
  router.add({Method::get, "/error",
              [](const Request&) -> async::Task<Result<Response>> { co_return fail(ErrorCode::conflict, "lost", "Lost."); }});
  const Response thrown = ask(Method::get, "/throws");
  EXPECT_EQ(thrown.status, 500U);
  EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
  EXPECT_EQ(ask(Method::get, "/odd").status, 500U);
  EXPECT_EQ(ask(Method::get, "/error").status, 409U);
}

TEST_F(RouterTest, CountsByTemplate) {
  metrics::Registry registry;
  router.set_metrics(registry);
  add(Method::get, "/a/{x}");
  ask(Method::get, "/a/1");
  ask(Method::get, "/a/2");
  ask(Method::post, "/a/2");
  ask(Method::get, "/elsewhere");
  std::map<metrics::Labels, std::uint64_t> counts;
  registry.each([&](const std::string& name, const metrics::Registry::Family& family) {
    EXPECT_EQ(name, "quicklime_http_request_duration_seconds");
    for (const auto& [labels, histogram] : family.histograms) {
      for (const auto count : histogram->values().buckets) counts[labels] += count;
    }
  });
  const std::map<metrics::Labels, std::uint64_t> expected{{{{"route", "/a/{x}"}, {"method", "GET"}, {"code", "200"}}, 2},
                                                          {{{"route", "/a/{x}"}, {"method", "POST"}, {"code", "405"}}, 1},
                                                          {{{"route", "none"}, {"method", "GET"}, {"code", "404"}}, 1}};
  EXPECT_EQ(counts, expected);
}

}  // namespace
}  // namespace quicklime::http
