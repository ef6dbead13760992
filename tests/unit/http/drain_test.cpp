#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "async/completion.hpp"
#include "gate.hpp"
#include "http/server.hpp"
#include "raw_client.hpp"

namespace quicklime::http {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

async::Task<Result<Response>> after(const Request& request) {
  co_await async::sleep_for(Milliseconds(std::stoi(request.parameters.at("ms"))));
  co_return Response::of(200, "text/plain", "done");
}

std::unique_ptr<Server> start(unsigned threads, Gate* gate = nullptr) {
  auto router = std::make_shared<Router>();
  router->add({Method::get, "/after/{ms}", after});
  if (gate != nullptr) gate->add_to(*router);
  Endpoint endpoint{Endpoint::Kind::plain, "127.0.0.1", 0, router};
  return Server::start({endpoint}, {}, threads).value();
}

std::string get(int milliseconds) { return "GET /after/" + std::to_string(milliseconds) + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

TEST(Drain, AnswersWhatIsUnderWayAndClosesTheRest) {
  Gate gate;
  const auto server = start(2, &gate);
  RawClient idle(server->port(0));
  EXPECT_EQ(idle.ask(get(0)).status, 200U);
  RawClient unused(server->port(0));
  RawClient waiting(server->port(0));
  waiting.send(kGetGate);
  gate.until_at_work(1);

  const auto begin = Clock::now();
  std::thread draining([&] { server->drain(30s); });
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(unused.closed());
  gate.open();
  const RawAnswer answer = waiting.answer();
  EXPECT_EQ(answer.status, 200U);
  EXPECT_EQ(answer.body, "done");
  EXPECT_EQ(answer.header("connection"), "close");
  EXPECT_TRUE(waiting.closed());
  waiting.finish_sending();
  draining.join();
  EXPECT_LT(Clock::now() - begin, 20s);
  EXPECT_FALSE(RawClient(server->port(0)).connected());
}

TEST(Drain, EndsAtItsTime) {
  Gate gate;
  const auto server = start(1, &gate);
  RawClient waiting(server->port(0));
  waiting.send(kGetGate);
  gate.until_at_work(1);
  const auto begin = Clock::now();
  server->drain(100ms);
  EXPECT_GE(Clock::now() - begin, 100ms);
}

TEST(Drain, OfAnEmptyServerIsImmediate) {
  const auto server = start(3);
  const auto begin = Clock::now();
  server->drain(30s);
  EXPECT_LT(Clock::now() - begin, 10s);
}

TEST(Drain, TheLoopsGoOnUntilTheServerIsGone) {
  const auto server = start(1);
  server->drain(1s);
  const async::Completion<int> done;
  server->loop(0).post([done] { done.complete(1); });
  EXPECT_EQ(async::run_to_end(done.wait()), 1);
}

TEST(Server, MayGoAwayWithHandlersAtWork) {
  Gate gate;
  auto server = start(2, &gate);
  RawClient one(server->port(0));
  RawClient two(server->port(0));
  one.send(kGetGate);
  two.send(kGetGate + get(0));
  gate.until_at_work(2);
  server.reset();
  EXPECT_EQ(one.receive(), "");
}

// Every request that was begun before the drain is answered whole or the connection ends before
// its first octet; none is cut in the middle, and the last answer says that it is the last.
TEST(Drain, LosesNothingUnderLoad) {
  const auto server = start(2);
  std::atomic<unsigned> answered = 0;
  std::atomic<unsigned> refused = 0;
  std::atomic<unsigned> broken = 0;
  std::vector<std::thread> clients;
  for (int c = 0; c < 16; ++c) {
    clients.emplace_back([&, c] {
      RawClient client(server->port(0));
      for (;;) {
        if (!client.send(get(c % 4))) break;
        const RawAnswer answer = client.answer();
        if (answer.status == 0) {
          if (!client.empty()) ++broken;
          ++refused;
          break;
        }
        if (answer.status != 200 || answer.body != "done") ++broken;
        ++answered;
        if (answer.header("connection") == "close") {
          if (!client.closed()) ++broken;
          break;
        }
      }
    });
  }
  for (int i = 0; i < 20'000 && answered <= 100; ++i) std::this_thread::sleep_for(1ms);
  const auto begin = Clock::now();
  server->drain(30s);
  EXPECT_LT(Clock::now() - begin, 20s);
  for (auto& client : clients) client.join();
  EXPECT_EQ(broken, 0U);
  EXPECT_GT(answered, 100U);
  EXPECT_LE(refused, 16U);
}

}  // namespace
}  // namespace quicklime::http
