// Answers that are made while they are sent.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <thread>

#include "async/completion.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "raw_client.hpp"

namespace quicklime::http {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

// What a test sees of the sources that a server has made.
struct Seen {
  std::atomic<int> asked{0};  // for a piece
  std::atomic<int> stopped{0};
  std::atomic<int> destroyed{0};
  std::atomic<int> sent{0};
};

template <class Holds>
void until(Holds holds, const char* what) {
  for (int i = 0; i < 20'000 && !holds(); ++i) std::this_thread::sleep_for(1ms);
  EXPECT_TRUE(holds()) << what;
}

// One piece after the other, and then the end: "whole", "failure", "exception", or "silence" until it is stopped.
class Source final : public BodyStream {
 public:
  Source(Seen& seen, std::vector<std::string> pieces, std::string end) : seen_(seen), pieces_(std::move(pieces)), end_(std::move(end)) {}
  ~Source() override { ++seen_.destroyed; }

  async::Task<Result<std::optional<std::string>>> next() override {
    const auto number = static_cast<std::size_t>(seen_.asked++);
    if (number < pieces_.size()) co_return pieces_[number];
    if (end_ == "failure") co_return fail(ErrorCode::unavailable, "view-behind", "no more of it");
    if (end_ == "exception") throw std::runtime_error("no more of it");
    if (end_ == "heartbeats") co_await async::sleep_for(20ms);
    if (end_ == "heartbeats" && number < 20) co_return ".";
    if (end_ == "silence") (void)co_await stop_.wait();
    co_return std::nullopt;
  }
  void stop() override {
    ++seen_.stopped;
    stop_.complete(true);
  }
  void sent() override { ++seen_.sent; }

 private:
  Seen& seen_;
  const std::vector<std::string> pieces_;
  const std::string end_;
  const async::Completion<bool> stop_{};
};

// Never ends, whatever it is told.
class Endless final : public BodyStream {
 public:
  explicit Endless(Seen& seen) : seen_(seen) {}
  ~Endless() override { ++seen_.destroyed; }
  async::Task<Result<std::optional<std::string>>> next() override {
    ++seen_.asked;
    co_await async::yield();
    co_return std::string(64 * 1024, 'x');
  }

 private:
  Seen& seen_;
};

class StreamTest : public testing::Test {
 protected:
  void start(Limits limits = {}) {
    auto router = std::make_shared<Router>();
    router->add({Method::get, "/{end}", [this](const Request& request) { return answer(*this, request); }});
    Endpoint endpoint{Endpoint::Kind::plain, "127.0.0.1", 0, router};
    server = Server::start({endpoint}, limits, 1).value();
  }
  static async::Task<Result<Response>> answer(StreamTest& test, const Request& request) {
    Response response = Response::of(200, "text/plain", "");
    const std::string& end = request.parameters.at("end");
    if (end == "endless") {
      response.stream = std::make_shared<Endless>(test.seen);
    } else {
      response.stream = std::make_shared<Source>(test.seen, test.pieces, end);
    }
    co_return response;
  }
  // Everything up to the end of the connection.
  static std::string all_of(RawClient& client) {
    std::string all;
    for (std::string some = client.receive(); !some.empty(); some = client.receive()) all += some;
    return all;
  }
  std::string get(const std::string& end, const std::string& version = "1.1", const std::string& behind = "") {
    RawClient client(server->port(0));
    client.send("GET /" + end + " HTTP/" + version + "\r\nHost: h\r\n\r\n" + behind);
    return all_of(client);
  }
  void until_destroyed(int sources = 1) {
    until([&] { return seen.destroyed == sources; }, "the source is gone");
  }

  Seen seen;
  std::vector<std::string> pieces{"one ", std::string(20, 'y')};
  std::unique_ptr<Server> server;
};

TEST_F(StreamTest, ComesInChunksAndIsTheLastOfItsConnection) {
  start();
  const std::string answer = get("whole", "1.1", "GET /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("Transfer-Encoding: chunked\r\n"));
  EXPECT_THAT(answer, HasSubstr("Connection: close\r\n"));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\n4\r\none \r\n14\r\nyyyyyyyyyyyyyyyyyyyy\r\n0\r\n\r\n"));
  until_destroyed();
  EXPECT_EQ(seen.asked, 3) << "the request behind it was not looked at";
}

TEST_F(StreamTest, EndsWithTheConnectionForAnOldClient) {
  start();
  const std::string answer = get("whole", "1.0");
  EXPECT_THAT(answer, Not(HasSubstr("chunked")));
  EXPECT_THAT(answer, Not(HasSubstr("Content-Length")));
  EXPECT_THAT(answer, EndsWith("\r\n\r\none yyyyyyyyyyyyyyyyyyyy"));
}

TEST_F(StreamTest, IsNotMadeForHead) {
  start();
  RawClient client(server->port(0));
  client.send("HEAD /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.answer(true).header("transfer-encoding"), "chunked");
  EXPECT_TRUE(client.empty());
  until_destroyed();
  EXPECT_EQ(seen.asked, 0);
  client.send("HEAD /whole HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.answer(true).status, 200U) << "and the connection goes on";
}

TEST_F(StreamTest, IsAskedForNoMoreThanIsRead) {
  start();
  RawClient client(server->port(0));
  client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  int asked = -1;
  until([&] { return std::this_thread::sleep_for(50ms), std::exchange(asked, seen.asked) == seen.asked && asked > 0; }, "it stands still");
  EXPECT_LT(asked, 400) << "what the kernel holds, and one piece";
  for (int i = 0; i < 200; ++i) (void)client.receive();
  until([&] { return seen.asked > asked; }, "it goes on");
}

TEST_F(StreamTest, EndsWithWhoeverReads) {
  start();
  {
    RawClient client(server->port(0));
    client.send("GET /silence HTTP/1.1\r\nHost: h\r\n\r\n");
    until([&] { return seen.asked == 3; }, "it waits");
  }
  until_destroyed();
  EXPECT_GE(seen.stopped, 1);
}

TEST_F(StreamTest, IsToldThatItWasSentWhenItWasSentWholeAndNotElse) {
  start();
  for (const char* end : {"failure", "exception"}) {
    seen.asked = 0;
    (void)get(end);
  }
  until_destroyed(2);
  {
    RawClient client(server->port(0));
    client.send("GET /silence HTTP/1.1\r\nHost: h\r\n\r\n");
    until([&] { return seen.asked == 3; }, "it waits");
  }
  until_destroyed(3);
  EXPECT_EQ(seen.sent, 0);
  seen.asked = 0;
  (void)get("whole");
  until_destroyed(4);
  EXPECT_EQ(seen.sent, 1);
}

TEST_F(StreamTest, IsCutOffSoThatItsReaderSees) {
  start();
  for (const char* end : {"failure", "exception"}) {
    seen.asked = 0;
    const std::string answer = get(end);
    EXPECT_THAT(answer, EndsWith("yyyy\r\n")) << end;
    EXPECT_THAT(answer, Not(HasSubstr("0\r\n\r\n"))) << end;
  }
  until_destroyed(2);
}

TEST_F(StreamTest, MayLastLongerThanAnAnswerButNotBeSilentForSoLong) {
  Limits limits;
  limits.handler = 200ms;
  start(limits);
  EXPECT_THAT(get("heartbeats"), EndsWith("1\r\n.\r\n0\r\n\r\n")) << "400 ms";
  seen.asked = 0;
  EXPECT_THAT(get("silence"), EndsWith("yyyy\r\n"));
  until_destroyed(2);
  EXPECT_GE(seen.stopped, 1);
}

TEST_F(StreamTest, EndsWhenNothingIsReadOfIt) {
  Limits limits;
  limits.body = 100ms;
  start(limits);
  RawClient client(server->port(0));
  client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  until_destroyed();
}

TEST_F(StreamTest, OfAServerThatDrainsIsStoppedAndEndsWhole) {
  start();
  RawClient client(server->port(0));
  client.send("GET /silence HTTP/1.1\r\nHost: h\r\n\r\n");
  until([&] { return seen.asked == 3; }, "it waits");
  std::thread draining([&] { server->drain(30s); });
  EXPECT_THAT(all_of(client), EndsWith("yyyy\r\n0\r\n\r\n"));
  draining.join();
  EXPECT_EQ(seen.destroyed, 1);
}

TEST_F(StreamTest, ThatDoesNotStopIsCutOffWhenTheTimeOfADrainIsOver) {
  start();
  RawClient client(server->port(0));
  client.send("GET /endless HTTP/1.1\r\nHost: h\r\n\r\n");
  until([&] { return seen.asked > 0; }, "it began");
  server->drain(50ms);
  until_destroyed();
  EXPECT_THAT(all_of(client), Not(EndsWith("\r\n0\r\n\r\n")));
}

TEST_F(StreamTest, LeavesNothingBehindWhenManyComeAndGo) {
  start();
  constexpr int kAll = 200;
  for (int i = 0; i < kAll; ++i) {
    RawClient client(server->port(0));
    client.send(i % 2 == 0 ? "GET /endless HTTP/1.1\r\nHost: h\r\n\r\n" : "GET /silence HTTP/1.1\r\nHost: h\r\n\r\n");
    EXPECT_THAT(client.receive(), HasSubstr("200 OK"));
  }
  until_destroyed(kAll);
}

// ---- at the other end
class AnswerTest : public StreamTest {
 protected:
  void connect(std::chrono::milliseconds timeout = 30s) {
    start();
    client = Client::make({.url = "http://127.0.0.1:" + std::to_string(server->port(0)), .timeout = timeout}).value();
  }
  struct Read {
    std::vector<std::string> pieces;
    std::string error;
  };
  static async::Task<Read> read(Client& client, std::string target, std::chrono::milliseconds between) {
    Request request;
    request.target = std::move(target);
    auto response = co_await client.open(std::move(request), between);
    Read read;
    if (!response) {
      read.error = response.error().reason;
      co_return read;
    }
    for (;;) {
      auto piece = co_await response->stream->next();
      if (!piece) read.error = piece.error().reason;
      if (!piece || !*piece) co_return read;
      read.pieces.push_back(**piece);
    }
  }
  std::unique_ptr<Client> client;
};

TEST_F(AnswerTest, IsReadAsItComes) {
  connect();
  const auto read = async::run_to_end(AnswerTest::read(*client, "/heartbeats", 10s));
  std::string all;
  for (const auto& piece : read.pieces) all += piece;
  EXPECT_EQ(all, "one " + std::string(20, 'y') + std::string(18, '.'));
  EXPECT_GT(read.pieces.size(), 3U) << "not at its end";
  EXPECT_EQ(read.error, "");
}

TEST_F(AnswerTest, HasTimeBetweenItsPiecesHoweverLongTheWholeLasts) {
  connect(200ms);
  EXPECT_EQ(async::run_to_end(AnswerTest::read(*client, "/heartbeats", 10s)).error, "") << "400 ms";
  seen.asked = 0;
  const auto silent = async::run_to_end(AnswerTest::read(*client, "/silence", 50ms));
  EXPECT_EQ(silent.error, "answer-cut");
  EXPECT_FALSE(silent.pieces.empty());
}

TEST_F(AnswerTest, ThatWasCutOffIsAnError) {
  connect();
  EXPECT_EQ(async::run_to_end(AnswerTest::read(*client, "/failure", 10s)).error, "answer-cut");
}

}  // namespace
}  // namespace quicklime::http
