#include "http/message.hpp"

#include <gtest/gtest.h>

#include "http/status.hpp"

namespace quicklime::http {
namespace {

TEST(Headers, CompareNamesWithoutRegardToCase) {
  Headers headers;
  headers.add("Accept", "a");
  headers.add("ACCEPT", "b");
  headers.add("Host", "h");
  EXPECT_EQ(headers.get("accept"), "a");
  EXPECT_EQ(headers.get("hosts"), std::nullopt);
  headers.set("aCCept", "c");
  EXPECT_EQ(headers.get("Accept"), "c");
  ASSERT_EQ(headers.all().size(), 2U);
  EXPECT_EQ(headers.all()[0].first, "Host") << "order is kept";
}

TEST(Percent, DecodesEveryEscape) {
  EXPECT_EQ(percent_decode("a%2Fb%2b%3D%00c"), std::string("a/b+=\0c", 7));
  EXPECT_EQ(percent_decode("a+b"), "a+b");
  EXPECT_EQ(percent_decode(""), "");
}

TEST(Percent, RefusesBrokenEscapes) {
  for (const char* text : {"%", "%2", "a%2", "%2G", "%G2", "%%20"}) EXPECT_EQ(percent_decode(text), std::nullopt) << text;
}

TEST(Percent, EncodesEverythingButUnreservedCharacters) {
  EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encode("a b/+=%\xff"), "a%20b%2F%2B%3D%25%FF");
  std::string all;
  for (int c = 0; c < 256; ++c) all.push_back(static_cast<char>(c));
  EXPECT_EQ(percent_decode(percent_encode(all)), all);
}

TEST(HttpDate, IsTheOneOfTheRfc) { EXPECT_EQ(http_date(Instant::from_seconds(784111777)), "Sun, 06 Nov 1994 08:49:37 GMT"); }

std::string written(const Response& response, Persistence persistence = Persistence::keep, Body body = Body::send) {
  std::string out;
  append_response(out, response, RequestId("id-1"), persistence, body);
  return out;
}

TEST(AppendResponse, WritesWhatEveryAnswerCarries) {
  const std::string out = written(Response::json(201, "{}"));
  EXPECT_TRUE(out.starts_with("HTTP/1.1 201 Created\r\nDate: ")) << out;
  EXPECT_NE(out.find(" GMT\r\nServer: quicklime\r\nContent-Type: application/json\r\nContent-Length: 2\r\nX-Request-Id: id-1\r\n\r\n{}"),
            std::string::npos)
      << out;
}

TEST(SplitTarget, FillsPathAndQuery) {
  const auto of = [](std::string target) {
    Request request;
    request.target = std::move(target);
    const auto split = split_target(request);
    std::string all = split ? request.path : split.error().reason + " " + split.error().field;
    for (const auto& [name, value] : request.query) all += " " + name + "=" + value;
    return all;
  };
  EXPECT_EQ(of("/v1/certificates"), "/v1/certificates");
  EXPECT_EQ(of("/a%2Fb?name=%2A.internal&limit=10&&flag&limit=20"), "/a%2Fb flag= limit=20 name=*.internal");
  EXPECT_EQ(of("/a?name=Acme+Corp%2B"), "/a name=Acme Corp+");
  EXPECT_EQ(of("http://ca.internal?a=b"), "/ a=b");
  EXPECT_EQ(of("*"), "*");
  EXPECT_EQ(of("a"), "target-malformed ");
  EXPECT_EQ(of("/a?b=%2"), "target-malformed b");
}

TEST(AppendResponse, LeavesNoWayToForgeHeaders) {
  Response response = Response::of(200, "text/plain\r\nSet-Cookie: a=b", "");
  response.headers.add("content-LENGTH", "7");
  response.headers.add("Transfer-Encoding", "chunked");
  response.headers.add("Connection", "upgrade");
  const std::string out = written(response);
  EXPECT_NE(out.find("Content-Type: text/plain  Set-Cookie: a=b\r\n"), std::string::npos) << out;
  EXPECT_EQ(out.find("Transfer"), std::string::npos) << out;
  EXPECT_EQ(out.find("LENGTH"), std::string::npos) << out;
  EXPECT_EQ(out.find("upgrade"), std::string::npos) << out;
}

TEST(AppendResponse, OmitsTheBodyButNotItsLength) {
  const std::string out = written(Response::of(200, "text/plain", "12345"), Persistence::close, Body::omit);
  EXPECT_NE(out.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_NE(out.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(AppendResponse, NoContentHasNeitherBodyNorLength) {
  Response response;
  response.status = 204;
  response.body = "never";
  const std::string out = written(response);
  EXPECT_EQ(out.find("Content-Length"), std::string::npos);
  EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace quicklime::http
