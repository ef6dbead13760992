#include "http/server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <set>
#include <thread>

#include "async/completion.hpp"
#include "gate.hpp"
#include "raw_client.hpp"

namespace quicklime::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::StartsWith;

// Says back what it understood of the request.
async::Task<Result<Response>> echo_body(const Request& request) {
  std::string text(name(request.method));
  text += " " + request.path + " " + request.body;
  co_return Response::of(200, "text/plain", std::move(text));
}

async::Task<Result<Response>> answer_late(const Request& request) {
  co_await async::sleep_for(Milliseconds(std::stoi(request.parameters.at("ms"))));
  co_return Response::of(200, "text/plain", "slow");
}

async::Task<Result<Response>> large(const Request& request) {
  co_return Response::of(200, "text/plain", std::string(std::stoul(request.parameters.at("size")), 'x'));
}

async::Task<Result<Response>> thread_id(const Request&) {
  co_return Response::of(200, "text/plain", std::to_string(std::hash<std::thread::id>{}(std::this_thread::get_id())));
}

async::Task<Result<Response>> peer(const Request& request) { co_return Response::of(200, "text/plain", request.peer.address); }

async::Task<Result<Response>> rest(const Request& request) { co_return Response::of(200, "text/plain", request.parameters.at("request")); }

std::shared_ptr<const Router> routes(Gate& gate) {
  auto router = std::make_shared<Router>();
  router->add({Method::get, "/echo", echo_body});
  router->add({Method::post, "/echo", echo_body});
  router->add({Method::get, "/slow/{ms}", answer_late});
  gate.add_to(*router);
  router->add({Method::get, "/large/{size}", large});
  router->add({Method::get, "/thread", thread_id});
  router->add({Method::get, "/peer", peer});
  router->add({Method::get, "/ocsp/{request...}", rest});
  return router;
}

class ServerTest : public testing::Test {
 protected:
  void start(Limits limits = {}, unsigned threads = 1) {
    Endpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.router = routes(gate);
    auto started = Server::start({endpoint}, limits, threads);
    ASSERT_TRUE(started) << started.error().detail;
    server = std::move(*started);
  }
  std::uint16_t port() const { return server->port(0); }
  Gate gate;
  std::unique_ptr<Server> server;
};

const std::string kGet = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";

std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n" + body;
}

TEST_F(ServerTest, AnswersAndKeepsTheConnection) {
  start();
  RawClient client(port());
  for (int i = 0; i < 3; ++i) {
    const RawAnswer answer = client.ask(kGet);
    EXPECT_EQ(answer.status, 200U);
    EXPECT_EQ(answer.body, "GET /echo ");
    EXPECT_EQ(answer.header("content-length"), "10");
    EXPECT_EQ(answer.header("server"), "quicklime");
    EXPECT_EQ(answer.header("connection"), "");
    EXPECT_THAT(answer.header("date"), testing::MatchesRegex("..., .. ... .... ..:..:.. gmt"));
    EXPECT_FALSE(answer.header("x-request-id").empty());
  }
}

TEST_F(ServerTest, EchoesTheRequestIdOfTheClient) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.ask("GET /echo HTTP/1.1\r\nHost: h\r\nX-Request-Id: my-id.7\r\n\r\n").header("x-request-id"), "my-id.7");
  EXPECT_EQ(client.ask("GET /nowhere HTTP/1.1\r\nHost: h\r\nX-Request-Id: my-id.8\r\n\r\n").header("x-request-id"), "my-id.8");
}

TEST_F(ServerTest, ClosesWhenAsked) {
  start();
  RawClient client(port());
  const RawAnswer answer = client.ask("GET /echo HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, ServesOldClients) {
  start();
  RawClient once(port());
  const RawAnswer answer = once.ask("GET /echo HTTP/1.0\r\n\r\n");
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(once.closed());

  RawClient twice(port());
  EXPECT_EQ(twice.ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"), "keep-alive");
  EXPECT_EQ(twice.ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  RawClient client(port());
  std::string requests;
  for (int i = 0; i < 16; ++i) requests += post("Content-Length: 2\r\n", std::to_string(10 + i));
  client.send(requests);
  for (int i = 0; i < 16; ++i) EXPECT_EQ(client.answer().body, "POST /echo " + std::to_string(10 + i));
}

TEST_F(ServerTest, ASlowAnswerDoesNotHoldUpTheOnesBeforeIt) {
  start();
  RawClient client(port());
  client.send(kGet + kGetGate + kGet);
  EXPECT_EQ(client.answer().body, "GET /echo ");
  gate.open();
  EXPECT_EQ(client.answer().body, "done");
  EXPECT_EQ(client.answer().body, "GET /echo ");
}

TEST_F(ServerTest, AnswersHeadWithoutABody) {
  start();
  RawClient client(port());
  client.send("HEAD /echo HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
  const RawAnswer head = client.answer(true);
  EXPECT_EQ(head.status, 200U);
  EXPECT_EQ(head.header("content-length"), "11");
  EXPECT_EQ(client.answer().body, "GET /echo ") << "right behind it";
  client.send("HEAD /nowhere HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
  EXPECT_EQ(client.answer(true).status, 404U);
  EXPECT_EQ(client.answer().status, 200U);
}

TEST_F(ServerTest, ReadsBodiesInEveryForm) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.ask(post("Content-Length: 5\r\n", "hello")).body, "POST /echo hello");
  EXPECT_EQ(client.ask(post("Transfer-Encoding: chunked\r\n", "2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nT: x\r\n\r\n")).body, "POST /echo hello");
  EXPECT_EQ(client.ask(post("Content-Length: 0\r\n", "")).body, "POST /echo ");
  EXPECT_EQ(client.ask(post("", "")).body, "POST /echo ");
  for (const char octet : post("Content-Length: 3\r\n", "abc")) client.send(std::string_view(&octet, 1));
  EXPECT_EQ(client.answer().body, "POST /echo abc");
}

TEST_F(ServerTest, AsksForTheBodyOfAClientThatExpectsIt) {
  start();
  RawClient client(port());
  const RawAnswer interim = client.ask(post("Expect: 100-continue\r\nContent-Length: 5\r\n", ""));
  EXPECT_EQ(interim.status, 100U);
  EXPECT_EQ(client.ask("hello").body, "POST /echo hello");
}

TEST_F(ServerTest, RefusesABodyOverTheLimitBeforeItIsSent) {
  Limits limits;
  limits.body_bytes = 1000;
  start(limits);
  RawClient client(port());
  const RawAnswer answer = client.ask(post("Expect: 100-continue\r\nContent-Length: 1001\r\n", ""));
  EXPECT_EQ(answer.status, 413U);
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_THAT(answer.body, HasSubstr("body-too-large"));
}

TEST_F(ServerTest, TheBodyLimitIsExact) {
  start();
  RawClient exact(port());
  const std::string body(64 * 1024, 'b');
  EXPECT_EQ(exact.ask(post("Content-Length: 65536\r\n", body)).status, 200U);
  EXPECT_EQ(exact.ask(post("Transfer-Encoding: chunked\r\n", "10000\r\n" + body + "\r\n0\r\n\r\n")).status, 200U);
  RawClient over(port());
  EXPECT_EQ(over.ask(post("Content-Length: 65537\r\n", body + "b")).status, 413U);
  EXPECT_TRUE(over.closed());
  RawClient chunked(port());
  EXPECT_EQ(chunked.ask(post("Transfer-Encoding: chunked\r\n", "10000\r\n" + body + "\r\n1\r\nb\r\n0\r\n\r\n")).status, 413U);
  EXPECT_TRUE(chunked.closed());
}

// The client that goes on sending must still get to read why.
TEST_F(ServerTest, ALargeRefusedBodyDoesNotLoseTheAnswer) {
  start();
  for (int i = 0; i < 20; ++i) {
    RawClient client(port());
    client.send(post("Content-Length: 500000\r\n", std::string(500'000, 'b')));
    EXPECT_EQ(client.answer().status, 413U);
  }
}

TEST_F(ServerTest, RefusesWhatTwoServersCouldReadDifferently) {
  start();
  const std::string smuggled = "GET /slow/1 HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const std::string& headers :
       {std::string("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
        std::string("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), std::string("Content-Length: 5\r\nContent-Length: 5\r\n"),
        std::string("Content-Length: 5\r\nContent-Length: 6\r\n"), std::string("X: a\r\n b\r\n"),
        std::string("Transfer-Encoding: identity, chunked\r\n")}) {
    RawClient client(port());
    const RawAnswer answer = client.ask(post(headers, "0\r\n\r\n" + smuggled));
    EXPECT_TRUE(answer.status == 400 || answer.status == 501) << headers << answer.status;
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(answer.header("content-type"), "application/problem+json");
    EXPECT_TRUE(client.closed()) << "what stood behind it is never read as a request";
  }
}

TEST_F(ServerTest, RefusesHeadersOverTheLimit) {
  start();
  RawClient client(port());
  const RawAnswer answer = client.ask("GET /echo HTTP/1.1\r\nHost: h\r\nX: " + std::string(17'000, 'a') + "\r\n\r\n");
  EXPECT_EQ(answer.status, 431U);
  EXPECT_TRUE(client.closed());
  RawClient longest(port());
  EXPECT_EQ(longest.ask("GET /echo HTTP/1.1\r\nHost: h\r\nX: " + std::string(16'000, 'a') + "\r\n\r\n").status, 200U);
}

TEST_F(ServerTest, KeepsPathsAsTheyWereSent) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.ask("GET /ocsp/MFQw%2B+/%2Fa//b==%3D HTTP/1.1\r\nHost: h\r\n\r\n").body, "MFQw%2B+/%2Fa//b==%3D");
  EXPECT_EQ(client.ask("GET /ocsp/a/../../b?c HTTP/1.1\r\nHost: h\r\n\r\n").body, "a/../../b");
  EXPECT_EQ(client.ask("GET //echo HTTP/1.1\r\nHost: h\r\n\r\n").status, 404U);
}

TEST_F(ServerTest, SaysWhichMethodsThereAre) {
  start();
  RawClient client(port());
  EXPECT_EQ(client.ask("DELETE /echo HTTP/1.1\r\nHost: h\r\n\r\n").header("allow"), "get, head, post");
  EXPECT_EQ(client.ask("BREW /echo HTTP/1.1\r\nHost: h\r\n\r\n").status, 405U);
  EXPECT_EQ(client.ask("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").status, 404U);
}

TEST_F(ServerTest, CarriesLargeAnswers) {
  start();
  RawClient client(port());
  for (const std::size_t size : {65'536, 65'537, 300'000, 20'000'000}) {
    EXPECT_EQ(client.ask("GET /large/" + std::to_string(size) + " HTTP/1.1\r\nHost: h\r\n\r\n").body.size(), size);
  }
  client.send("HEAD /large/300000 HTTP/1.1\r\nHost: h\r\n\r\n" + kGet);
  EXPECT_EQ(client.answer(true).header("content-length"), "300000");
  EXPECT_EQ(client.answer().status, 200U);
}

TEST_F(ServerTest, KnowsItsPeer) {
  start();
  RawClient client(port());
  EXPECT_THAT(client.ask("GET /peer HTTP/1.1\r\nHost: h\r\n\r\n").body, StartsWith("127.0.0.1:"));
}

Limits impatient() {
  Limits limits;
  limits.header = 150ms;
  limits.body = 150ms;
  limits.idle = 300ms;
  limits.handler = 200ms;
  return limits;
}

TEST_F(ServerTest, SlowHeadersAre408) {
  start(impatient());
  RawClient client(port());
  const auto begin = std::chrono::steady_clock::now();
  client.send("GET /echo HT");
  RawAnswer answer;
  std::thread drip([&] {
    for (int i = 0; i < 8; ++i) {
      std::this_thread::sleep_for(50ms);
      client.send("x");  // never idle, and never done
    }
  });
  answer = client.answer();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
  EXPECT_EQ(answer.status, 408U);
  drip.join();
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, SlowBodiesAre408) {
  start(impatient());
  RawClient client(port());
  EXPECT_EQ(client.ask(post("Content-Length: 5\r\n", "he")).status, 408U);
  EXPECT_TRUE(client.closed());
}

TEST_F(ServerTest, TimeIsCountedForEachRequest) {
  Limits limits = impatient();
  limits.idle = 30s;
  start(limits);
  RawClient client(port());
  for (int i = 0; i < 4; ++i) {
    std::this_thread::sleep_for(100ms);
    EXPECT_EQ(client.ask(kGet).status, 200U) << i;
  }
}

TEST_F(ServerTest, IdleConnectionsCloseSilently) {
  start(impatient());
  RawClient never_used(port());
  RawClient client(port());
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(client.ask(kGet).status, 200U);
  EXPECT_TRUE(client.closed());
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 290ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
  EXPECT_TRUE(never_used.closed());
}

TEST_F(ServerTest, ASlowHandlerIs503) {
  start(impatient());
  RawClient client(port());
  const RawAnswer answer = client.ask(kGet + "GET /gate HTTP/1.1\r\nHost: h\r\nX-Request-Id: too-slow\r\n\r\n");
  EXPECT_EQ(answer.status, 200U);
  const RawAnswer late = client.answer();
  EXPECT_EQ(late.status, 503U);
  EXPECT_EQ(late.header("x-request-id"), "too-slow");
  EXPECT_THAT(late.body, HasSubstr("handler-too-slow"));
  EXPECT_TRUE(client.closed());
  gate.open();  // the handler ends, for nobody
  RawClient next(port());
  EXPECT_EQ(next.ask(kGet).status, 200U);
}

TEST_F(ServerTest, MakesRoomByClosingTheLongestIdle) {
  Limits limits;
  limits.connections_per_loop = 2;
  start(limits);
  RawClient first(port());
  EXPECT_EQ(first.ask(kGet).status, 200U);
  RawClient second(port());
  EXPECT_EQ(second.ask(kGet).status, 200U);
  RawClient third(port());
  EXPECT_EQ(third.ask(kGet).status, 200U);
  EXPECT_TRUE(first.closed());
  EXPECT_EQ(second.ask(kGet).status, 200U);
}

TEST_F(ServerTest, WhoHasNotAskedYetMakesRoomToo) {
  Limits limits;
  limits.connections_per_loop = 2;
  start(limits);
  RawClient slow(port()), slower(port());
  slow.send("GET /ec");
  slower.send("GET /ec");
  for (int round = 0; round < 20; ++round) {
    RawClient half(port());
    half.send("GET /ec");
    RawClient asking(port());
    EXPECT_EQ(asking.ask(kGet).status, 200U) << round;
  }
}

TEST_F(ServerTest, TheOperatorsConnectionsAreBesideThoseOfOthers) {
  Limits limits;
  limits.connections_per_loop = 2;
  Endpoint open, operators;
  open.host = operators.host = "127.0.0.1";
  open.router = operators.router = routes(gate);
  operators.of_operator = true;
  server = Server::start({open, operators}, limits, 1).value();
  RawClient one(server->port(0)), two(server->port(0));
  one.send(kGetGate);
  two.send(kGetGate);
  gate.until_at_work(2);
  EXPECT_TRUE(RawClient(server->port(0)).closed()) << "all are at work";
  RawClient operator_of_it(server->port(1));
  EXPECT_EQ(operator_of_it.ask(kGet).status, 200U);
  gate.open();
  EXPECT_EQ(one.answer().status, 200U);
}

TEST_F(ServerTest, EachThreadDoesWhatComesFirstBeforeItTakesConnections) {
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.router = routes(gate);
  std::atomic<int> done = 0;
  const auto first = [&done]() -> async::Task<void> {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ++done;
    co_return;
  };
  server = Server::start({endpoint}, {}, 1, first).value();
  EXPECT_EQ(RawClient(port()).ask(kGet).status, 200U);
  EXPECT_EQ(done, 1);
}

TEST_F(ServerTest, SpreadsConnectionsOverItsThreads) {
  start({}, 3);
  std::set<std::string> threads;
  for (int i = 0; i < 60; ++i) {
    RawClient client(port());
    const std::string first = client.ask("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n").body;
    EXPECT_EQ(client.ask("GET /thread HTTP/1.1\r\nHost: h\r\n\r\n").body, first) << "a connection stays on its loop";
    threads.insert(first);
  }
  EXPECT_EQ(threads.size(), 3U);
}

TEST_F(ServerTest, SaysWhichPortIsTaken) {
  start();
  Endpoint endpoint;
  endpoint.host = "127.0.0.1";
  endpoint.port = port();
  endpoint.router = routes(gate);
  const auto second = Server::start({endpoint}, {}, 2);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "address-in-use");
  EXPECT_THAT(second.error().detail, HasSubstr("127.0.0.1:" + std::to_string(port())));
}

TEST_F(ServerTest, ClientsThatGoAwayDoNoHarm) {
  start();
  for (int i = 0; i < 50; ++i) {
    RawClient client(port());
    client.send(i % 2 == 0 ? "GET /large/5000000 HTTP/1.1\r\nHost: h\r\n\r\n" : "GET /slow/20 HTTP/1.1\r\nHost: h\r\n\r\n");
  }
  RawClient client(port());
  EXPECT_EQ(client.ask(kGet).status, 200U);
}

// Whatever comes in: the server stays up and every answer is HTTP.
TEST_F(ServerTest, StandsRandomBytes) {
  start({}, 2);
  std::mt19937 random(11);
  const std::string beginnings[] = {"", "GET /echo HTTP/1.1\r\n", kGet,
                                    "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"};
  for (int round = 0; round < 300; ++round) {
    RawClient client(port());
    std::string bytes = beginnings[random() % 4];
    for (auto length = random() % 600; length > 0; --length) {
      bytes.push_back(random() % 8 == 0 ? "\r\n :;"[random() % 5] : static_cast<char>(random()));
    }
    client.send(bytes);
    client.finish_sending();
    std::string all;
    for (std::string piece = client.receive(); !piece.empty(); piece = client.receive()) all += piece;
    EXPECT_TRUE(all.empty() || all.starts_with("HTTP/1.1 ")) << all;
  }
  RawClient client(port());
  EXPECT_EQ(client.ask(kGet).status, 200U);
}

}  // namespace
}  // namespace quicklime::http
