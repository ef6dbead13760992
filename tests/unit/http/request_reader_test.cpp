#include "http/request_reader.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace quicklime::http {
namespace {

using State = RequestReader::State;

constexpr std::size_t kHeaderLimit = 1024;
constexpr std::size_t kBodyLimit = 100;

// Feeds the bytes as a connection does: `piece` at a time, what was left again.
struct Reading {
  explicit Reading(const std::string& bytes, std::size_t piece = 1'000'000) {
    std::string waiting;
    for (std::size_t at = 0; at < bytes.size() && reader.state() < State::complete; at += piece) {
      waiting += bytes.substr(at, piece);
      waiting.erase(0, reader.feed(waiting));
    }
    left = waiting;
  }
  unsigned status() const { return reader.state() == State::failed ? reader.rejection().status : 0; }
  std::string reason() const { return reader.state() == State::failed ? reader.rejection().error.reason : "none"; }

  RequestReader reader{kHeaderLimit, kBodyLimit};
  std::string left;
};

std::string with(const std::string& headers, const std::string& body = "") {
  return "POST /p HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

TEST(RequestReader, ReadsARequest) {
  Reading reading("GET /a%20b?x=1&y=a%2Bb+c&x=2&z HTTP/1.1\r\nHost: ca\r\nX-Request-Id: abc.1\r\nAccept: */*\r\n\r\nnext");
  ASSERT_EQ(reading.reader.state(), State::complete) << reading.reason();
  const Request& request = reading.reader.request();
  EXPECT_EQ(request.method, Method::get);
  EXPECT_EQ(request.target, "/a%20b?x=1&y=a%2Bb+c&x=2&z");
  EXPECT_EQ(request.path, "/a%20b");
  EXPECT_EQ(request.query.at("x"), "2") << "the last";
  EXPECT_EQ(request.query.at("y"), "a+b c");
  EXPECT_EQ(request.query.at("z"), "");
  EXPECT_EQ(request.headers.get("accept"), "*/*");
  EXPECT_EQ(request.id.text(), "abc.1");
  EXPECT_EQ(reading.left, "next");
}

TEST(RequestReader, MakesAnIdWhereNoneIsUsable) {
  std::string previous;
  for (const std::string& id : {std::string(), std::string("a b"), std::string("x\"y"), std::string(65, 'a')}) {
    Reading reading(with("X-Empty:\r\nX-Request-Id: " + id + "\r\n"));
    ASSERT_EQ(reading.reader.state(), State::complete) << reading.reason();
    const std::string made = reading.reader.request().id.text();
    EXPECT_NE(made, id);
    EXPECT_NE(made, previous);
    EXPECT_FALSE(made.empty());
    previous = made;
  }
}

TEST(RequestReader, KnowsTheTraceOfARequestThatNamesOne) {
  const std::string trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto of = [](const std::string& headers) { return Reading(with(headers)).reader.request().traceparent; };
  EXPECT_EQ(of("TraceParent: " + trace + "\r\n"), trace);
  EXPECT_EQ(of(""), "");
  EXPECT_EQ(of("traceparent: nonsense\r\n"), "") << "and the request is served";
  EXPECT_EQ(of("traceparent: " + trace + "\r\ntraceparent: " + trace + "\r\n"), "") << "one, or none";
}

TEST(RequestReader, GivesTheSameHoweverTheBytesArrive) {
  const std::vector<std::string> messages{
      with("Content-Length: 5\r\n", "hello"),
      with("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
      with("Transfer-Encoding: chunked\r\n", "2;name=value\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: t\r\n\r\n"),
      "\r\n\r\n" + with("Content-Length: 5\r\n", "hello"),
  };
  for (const std::string& message : messages) {
    for (std::size_t piece = 1; piece <= message.size(); ++piece) {
      Reading reading(message, piece);
      ASSERT_EQ(reading.reader.state(), State::complete) << message << " by " << piece << ": " << reading.reason();
      EXPECT_EQ(reading.reader.request().body, "hello");
      EXPECT_EQ(reading.reader.request().headers.get("X-Trailer"), std::nullopt);
    }
  }
}

TEST(RequestReader, AnEmptyChunkedBodyMayComeOctetByOctet) {
  Reading reading(with("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 1);
  ASSERT_EQ(reading.reader.state(), State::complete) << reading.reason();
  EXPECT_EQ(reading.reader.request().body, "");
}

TEST(RequestReader, ReadsOneRequestBehindTheOther) {
  std::string bytes = with("Content-Length: 3\r\n", "one") + with("Content-Length: 3\r\n", "two");
  RequestReader reader(kHeaderLimit, kBodyLimit);
  bytes.erase(0, reader.feed(bytes));
  ASSERT_EQ(reader.state(), State::complete);
  EXPECT_EQ(reader.request().body, "one");
  reader.next();
  EXPECT_EQ(reader.state(), State::idle);
  bytes.erase(0, reader.feed(bytes));
  ASSERT_EQ(reader.state(), State::complete);
  EXPECT_EQ(reader.request().body, "two");
  EXPECT_EQ(bytes, "");
}

TEST(RequestReader, AcceptsTheAbsoluteForm) {
  Reading reading("GET http://proxy.test:8080/a/b?c=d HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_EQ(reading.reader.state(), State::complete) << reading.reason();
  EXPECT_EQ(reading.reader.request().path, "/a/b");
  EXPECT_EQ(reading.reader.request().query.at("c"), "d");
  Reading bare("GET http://proxy.test HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(bare.reader.request().path, "/");
}

TEST(RequestReader, KnowsWhenToKeepTheConnection) {
  const auto keep = [](const std::string& message) { return Reading(message).reader.keep_alive(); };
  EXPECT_TRUE(keep("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keep("GET / HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n\r\n"));
  EXPECT_FALSE(keep("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keep("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"));
}

struct Bad {
  const char* what;
  std::string bytes;
  unsigned status;
};

class BadRequest : public testing::TestWithParam<Bad> {};

TEST_P(BadRequest, IsRefusedHoweverItArrives) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{1'000'000}}) {
    Reading reading(GetParam().bytes, piece);
    EXPECT_EQ(reading.status(), GetParam().status) << "by " << piece << ": " << reading.reason();
    EXPECT_FALSE(reading.reader.request().id.text().empty());
  }
}

// What two servers in a row could read differently (RFC 9112 section 11.2), and other rubbish.
INSTANTIATE_TEST_SUITE_P(
    Smuggling, BadRequest,
    testing::Values(
        Bad{"ContentLengthTwice", with("Content-Length: 5\r\nContent-Length: 6\r\n", "hello!"), 400},
        Bad{"ContentLengthTwiceTheSame", with("Content-Length: 5\r\nContent-Length: 5\r\n", "hello"), 400},
        Bad{"ContentLengthList", with("Content-Length: 5, 5\r\n", "hello"), 400},
        Bad{"ContentLengthSigned", with("Content-Length: +5\r\n", "hello"), 400},
        Bad{"ContentLengthNegative", with("Content-Length: -1\r\n", "hello"), 400},
        Bad{"ContentLengthHex", with("Content-Length: 0x5\r\n", "hello"), 400},
        Bad{"ContentLengthEmpty", with("Content-Length: \r\n", "hello"), 400},
        Bad{"ContentLengthHuge", with("Content-Length: 18446744073709551621\r\n", "hello"), 400},
        Bad{"LengthThenEncoding", with("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        Bad{"EncodingThenLength", with("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
        Bad{"EncodingTwice", with("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
        Bad{"EncodingUnknown", with("Transfer-Encoding: gzip\r\n", "x"), 501},
        Bad{"EncodingListed", with("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 501},
        Bad{"EncodingNotLast", with("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 501},
        Bad{"EncodingDisguised", with("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501},
        Bad{"EncodingOfOldVersion", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        Bad{"SpaceBeforeColon", with("Content-Length : 5\r\n", "hello"), 400}, Bad{"FoldedHeader", with("X: a\r\n b\r\n"), 400},
        Bad{"FoldedAfterNothing", with("X:\r\n b\r\n"), 400}, Bad{"FoldedIntoNothing", with("X: a\r\n \r\n"), 400},
        Bad{"FoldedEncoding", with("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n"), 400},
        Bad{"BareLineFeeds", "GET / HTTP/1.1\nHost: h\n\r\n\r\n", 505},
        Bad{"BareLineFeedInHeader", with("X: a\nContent-Length: 5\r\n"), 400}, Bad{"BareCarriageReturn", with("X: a\rb\r\n"), 400},
        Bad{"NulInValue", with(std::string("X: a\0b\r\n", 8)), 400}, Bad{"NulInName", with(std::string("X\0: a\r\n", 7)), 400},
        Bad{"HeaderWithoutName", with(": a\r\n"), 400}, Bad{"HeaderWithoutColon", with("nothing\r\n"), 400},
        Bad{"ChunkSizeRubbish", with("Transfer-Encoding: chunked\r\n", "xyz\r\n\r\n\r\n\r\n"), 400},
        Bad{"ChunkSizeSigned", with("Transfer-Encoding: chunked\r\n", "-1\r\nhello\r\n"), 400},
        Bad{"ChunkSizePrefixed", with("Transfer-Encoding: chunked\r\n", "0x5\r\nhello\r\n\r\n"), 400},
        Bad{"ChunkSizeOverflows", with("Transfer-Encoding: chunked\r\n", "10000000000000005\r\nhello\r\n"), 400},
        Bad{"ChunkWithoutEnd", with("Transfer-Encoding: chunked\r\n", "5\r\nhelloX\r\n0\r\n\r\n"), 400},
        Bad{"ChunkExtensionLineFeed", with("Transfer-Encoding: chunked\r\n", "5;\nx\r\nhello\r\n0\r\n\r\n"), 400},
        Bad{"ChunkExtensionEndless", with("Transfer-Encoding: chunked\r\n", "5;" + std::string(3000, 'x')), 400},
        Bad{"TrailersEndless", with("Transfer-Encoding: chunked\r\n", "0\r\nX: " + std::string(3000, 'x')), 400},
        Bad{"HostMissing", "GET / HTTP/1.1\r\n\r\n", 400}, Bad{"HostTwice", with("Host: other\r\n"), 400},
        Bad{"TargetRelative", "GET index.html HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Bad{"TargetMissing", "GET HTTP/1.1\r\nHost: h\r\n\r\n", 400}, Bad{"TwoSpaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
        Bad{"QueryEscapeBroken", "GET /?a=%4 HTTP/1.1\r\nHost: h\r\n\r\n", 400}, Bad{"VersionTwo", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        Bad{"VersionZero", "GET /\r\n\r\n", 400}, Bad{"Rubbish", "\x16\x03\x01\x02\r\n\r\n", 400},
        Bad{"ExpectationUnknown", with("Expect: 200-ok\r\n"), 417},
        Bad{"LineTooLong", "GET /" + std::string(3000, 'a') + " HTTP/1.1\r\n", 431},
        Bad{"HeaderTooLong", with("X: " + std::string(1000, 'a') + "\r\n"), 431},
        Bad{"HeadersTooMany", with([] {
              std::string many;
              for (int i = 0; i < 200; ++i) many += "X: aaaaaaaa\r\n";
              return many;
            }()),
            431},
        Bad{"BodyTooLong", with("Content-Length: 101\r\n", std::string(101, 'b')), 413},
        Bad{"ChunksTooLong", with("Transfer-Encoding: chunked\r\n", "64\r\n" + std::string(100, 'b') + "\r\n1\r\nb\r\n0\r\n\r\n"), 413}),
    [](const auto& info) { return info.param.what; });

TEST(RequestReader, ABodyOfExactlyTheLimitIsRead) {
  EXPECT_EQ(Reading(with("Content-Length: 100\r\n", std::string(100, 'b'))).reader.state(), State::complete);
  EXPECT_EQ(Reading(with("Transfer-Encoding: chunked\r\n", "64\r\n" + std::string(100, 'b') + "\r\n0\r\n\r\n")).reader.state(),
            State::complete);
}

TEST(RequestReader, AHeaderOfExactlyTheLimitIsRead) {
  const std::size_t frame = with("X: \r\n").size();
  for (const std::size_t piece : {std::size_t{1}, std::size_t{100}, std::size_t{5000}}) {
    EXPECT_EQ(Reading(with("X: " + std::string(kHeaderLimit - frame, 'a') + "\r\n"), piece).reader.state(), State::complete);
    EXPECT_EQ(Reading(with("X: " + std::string(kHeaderLimit - frame + 1, 'a') + "\r\n"), piece).status(), 431U);
  }
}

TEST(RequestReader, AsksForTheBodyOnce) {
  RequestReader reader(kHeaderLimit, kBodyLimit);
  reader.feed(with("Expect: 100-continue\r\nContent-Length: 5\r\n"));
  EXPECT_EQ(reader.state(), State::body);
  EXPECT_TRUE(reader.take_continue());
  EXPECT_FALSE(reader.take_continue());
}

// Mutations of real requests, cut anywhere: never a crash, never a request that is not whole.
TEST(RequestReader, StandsRubbish) {
  std::mt19937 random(7);
  const std::vector<std::string> seeds{with("Content-Length: 5\r\n", "hello"),
                                       with("Transfer-Encoding: chunked\r\n", "5\r\nhello\r\n0\r\n\r\n"),
                                       "GET /a?b=c%20 HTTP/1.1\r\nHost: h\r\nX: y\r\n\r\n"};
  const std::string spice("\r\n \t:;%0x,\0\xff", 13);
  std::size_t whole = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = seeds[random() % seeds.size()];
    for (auto mutations = random() % 4; mutations > 0; --mutations) {
      const std::size_t at = random() % bytes.size();
      if (random() % 2 == 0) {
        bytes[at] = spice[random() % spice.size()];
      } else {
        bytes.insert(at, 1, spice[random() % spice.size()]);
      }
    }
    Reading reading(bytes, 1 + random() % 40);
    if (reading.reader.state() == State::complete) ++whole;
    EXPECT_LE(reading.reader.request().body.size(), kBodyLimit);
  }
  EXPECT_GT(whole, 1000U);
  EXPECT_LT(whole, 19'000U);
}

}  // namespace
}  // namespace quicklime::http
