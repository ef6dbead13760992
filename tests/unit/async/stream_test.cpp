#include "async/stream.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "async/completion.hpp"
#include "test_certificates.hpp"

namespace quicklime::async {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

Clock::time_point in(Milliseconds duration) { return Clock::now() + duration; }

// Sends back what comes, until the end of the stream; "close" is answered by closing.
Task<void> echo(std::unique_ptr<Stream> stream) {
  std::string buffer(4096, '\0');
  stream->set_deadline(in(10s));
  for (;;) {
    const auto count = co_await stream->read_some(buffer);
    if (!count) break;
    if (buffer.starts_with("close")) break;
    const auto written = co_await stream->write_all(std::string_view(buffer).substr(0, *count));
    if (!written) break;
  }
  co_await stream->shutdown();
}

Task<void> accept_all(Loop& loop, std::unique_ptr<Listener> listener) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    loop.spawn(echo(std::move(*stream)));
  }
}

class EchoServer {
 public:
  EchoServer() { start(listen_tcp(thread_.loop(), "localhost", 0).value()); }
  explicit EchoServer(const std::string& path) { start(listen_unix(thread_.loop(), path).value()); }
  std::uint16_t port = 0;

 private:
  void start(std::unique_ptr<Listener> listener) {
    port = listener->port();
    thread_.loop().spawn(accept_all(thread_.loop(), std::move(listener)));
  }
  LoopThread thread_{"echo"};
};

Task<Result<std::string>> read_exactly(Stream& stream, std::size_t count) {
  std::string text(count, '\0');
  std::size_t have = 0;
  while (have < count) {
    auto got = co_await stream.read_some(std::span(text).subspan(have));
    if (!got) co_return forward(got);
    have += *got;
  }
  co_return text;
}

Task<Result<std::string>> say(std::uint16_t port, std::string text) {
  auto stream = co_await connect_tcp("127.0.0.1", port, in(5s));
  if (!stream) co_return forward(stream);
  if (auto written = co_await (*stream)->write_all(text); !written) co_return forward(written);
  co_return co_await read_exactly(**stream, text.size());
}

std::string reason_of(const auto& result) { return result ? "none" : result.error().reason; }

TEST(TcpStream, CarriesBytesBothWays) {
  EchoServer server;
  EXPECT_EQ(run_to_end(say(server.port, "hello")).value(), "hello");
}

Task<Result<std::string>> say_by_name(std::uint16_t port) {
  auto stream = co_await connect_tcp("localhost", port, in(5s));
  if (!stream) co_return forward(stream);
  EXPECT_EQ((*stream)->peer().address, "127.0.0.1:" + std::to_string(port));
  if (auto written = co_await (*stream)->write_all("name"); !written) co_return forward(written);
  co_return co_await read_exactly(**stream, 4);
}

TEST(TcpStream, FindsAHostByItsName) {
  EchoServer server;
  EXPECT_EQ(run_to_end(say_by_name(server.port)).value(), "name");
}

Task<Result<std::size_t>> read_after(std::uint16_t port, std::string text, Milliseconds deadline) {
  auto stream = co_await connect_tcp("127.0.0.1", port, in(5s));
  if (!stream) co_return forward(stream);
  if (auto written = co_await (*stream)->write_all(text); !written) co_return forward(written);
  (*stream)->set_deadline(in(deadline));
  std::string buffer(10, '\0');
  co_return co_await (*stream)->read_some(buffer);
}

TEST(TcpStream, SaysThatItIsClosed) {
  EchoServer server;
  EXPECT_EQ(reason_of(run_to_end(read_after(server.port, "close", 5s))), "stream-closed");
}

TEST(TcpStream, FailsAtItsDeadline) {
  EchoServer server;
  const auto before = Clock::now();
  EXPECT_EQ(reason_of(run_to_end(read_after(server.port, "", 30ms))), "stream-deadline");
  EXPECT_GE(Clock::now() - before, 30ms);
  EXPECT_LT(Clock::now() - before, 5s);
}

Task<void> move_deadlines(std::uint16_t port) {
  auto stream = co_await connect_tcp("127.0.0.1", port, in(5s));
  EXPECT_TRUE(stream);
  if (!stream) co_return;
  std::string buffer(10, '\0');
  (*stream)->set_deadline(in(20ms));
  const auto before = Clock::now();
  (*stream)->set_deadline(in(80ms));  // later: the timer rings at 20 ms and must find that out
  EXPECT_EQ(reason_of(co_await (*stream)->read_some(buffer)), "stream-deadline");
  EXPECT_GE(Clock::now() - before, 80ms);
  EXPECT_EQ(reason_of(co_await (*stream)->read_some(buffer)), "stream-deadline") << "what begins later fails too";
  EXPECT_EQ(reason_of(co_await (*stream)->write_all("x")), "stream-deadline");
  (*stream)->set_deadline(in(5s));
  EXPECT_TRUE(co_await (*stream)->write_all("again"));
  EXPECT_EQ((co_await read_exactly(**stream, 5)).value(), "again");
  (*stream)->set_deadline(in(10s));
  (*stream)->set_deadline(in(20ms));  // earlier
  EXPECT_EQ(reason_of(co_await (*stream)->read_some(buffer)), "stream-deadline");
}

TEST(TcpStream, DeadlinesMoveBothWays) {
  EchoServer server;
  run_to_end(move_deadlines(server.port));
}

Task<void> write_without_reader(std::uint16_t port) {
  auto stream = co_await connect_tcp("127.0.0.1", port, in(5s));
  EXPECT_TRUE(stream);
  if (!stream) co_return;
  (*stream)->set_deadline(in(50ms));
  EXPECT_EQ(reason_of(co_await (*stream)->write_all(std::string(64 << 20, 'x'))), "stream-deadline");
}

TEST(TcpStream, AWriteThatNobodyReadsFailsAtItsDeadline) {
  LoopThread thread("silent");
  const auto listener = listen_tcp(thread.loop(), "127.0.0.1", 0).value();
  run_to_end(write_without_reader(listener->port()));
}

Task<Result<std::unique_ptr<Stream>>> connect_nowhere() { co_return co_await connect_tcp("127.0.0.1", 1, in(5s)); }

TEST(ConnectTcp, NamesTheAddressThatRefuses) {
  const auto result = run_to_end(connect_nowhere());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "server-unreachable");
  EXPECT_NE(result.error().detail.find("127.0.0.1:1"), std::string::npos) << result.error().detail;
}

Task<Result<std::unique_ptr<Stream>>> connect_by(std::string host) { co_return co_await connect_tcp(std::move(host), 80, in(3s)); }

TEST(ConnectTcp, NamesAHostThatDoesNotExist) {
  const auto result = run_to_end(connect_by("no-such-host.invalid"));
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().detail.find("no-such-host.invalid"), std::string::npos) << result.error().detail;
}

TEST(Listener, SaysWhichPortIsTaken) {
  LoopThread thread("listener");
  const auto first = listen_tcp(thread.loop(), "127.0.0.1", 0).value();
  EXPECT_NE(first->port(), 0);
  const auto second = listen_tcp(thread.loop(), "127.0.0.1", first->port());
  EXPECT_TRUE(second) << "another loop may share it";
  const auto taken = check_port_free("127.0.0.1", first->port());
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().reason, "address-in-use");
  EXPECT_NE(taken.error().detail.find("127.0.0.1:" + std::to_string(first->port())), std::string::npos);
  first->close();
  second.value()->close();
  EXPECT_TRUE(check_port_free("127.0.0.1", first->port()));
}

TEST(Listener, RefusesWhatIsNoAddress) {
  LoopThread thread("listener");
  EXPECT_EQ(reason_of(listen_tcp(thread.loop(), "ca.internal", 0)), "address-invalid");
  EXPECT_EQ(reason_of(listen_tcp(thread.loop(), "203.0.113.7", 0)), "address-refused");
}

Task<void> accept_then_note(Listener& listener, Completion<std::string> outcome) {
  outcome.complete(reason_of(co_await listener.accept()));
}

TEST(Listener, CloseEndsAccept) {
  LoopThread thread("listener");
  auto listener = listen_tcp(thread.loop(), "", 0).value();
  Completion<std::string> outcome;
  thread.loop().spawn(accept_then_note(*listener, outcome));
  thread.loop().post([&] { listener->close(); });
  EXPECT_EQ(run_to_end(outcome.wait()), "stream-closed");
}

Task<Result<std::string>> say_on_unix(std::string path) {
  auto stream = co_await connect_unix(path, in(5s));
  if (!stream) co_return forward(stream);
  if (auto written = co_await (*stream)->write_all("local"); !written) co_return forward(written);
  co_return co_await read_exactly(**stream, 5);
}

TEST(UnixSocket, CarriesBytesAndIsPrivate) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() / "control.sock";
  {
    EchoServer server(path);
    struct stat status {};
    ASSERT_EQ(::stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    EXPECT_EQ(run_to_end(say_on_unix(path)).value(), "local");
    EXPECT_EQ(server.port, 0);
  }
  EXPECT_FALSE(std::filesystem::exists(path)) << "removed when closed";
  EXPECT_EQ(reason_of(run_to_end(say_on_unix(path))), "server-unreachable");
}

Task<void> accept_peer(std::unique_ptr<Listener> listener, Completion<Peer> peer) {
  auto stream = co_await listener->accept();
  if (stream) peer.complete((*stream)->peer());
}

TEST(UnixSocket, ReplacesAStaleFileAndKnowsWhoCalls) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.path() / "control.sock";
  {
    LoopThread gone("gone");
    auto listener = listen_unix(gone.loop(), path);
    ASSERT_TRUE(listener);
    std::filesystem::create_hard_link(path, path + ".kept");
  }
  std::filesystem::rename(path + ".kept", path);  // as a process leaves it that was killed
  LoopThread thread("unix");
  auto listener = listen_unix(thread.loop(), path);
  ASSERT_TRUE(listener);
  const Completion<Peer> peer;
  thread.loop().spawn(accept_peer(std::move(*listener), peer));
  (void)run_to_end(say_on_unix(path));
  const Peer caller = run_to_end(peer.wait());
  EXPECT_EQ(caller.transport, Peer::Transport::unix_socket);
  EXPECT_EQ(caller.uid, ::getuid());
  EXPECT_EQ(caller.address, "");
}

TEST(UnixSocket, RefusesAPathThatIsTooLong) {
  LoopThread thread("unix");
  EXPECT_EQ(reason_of(listen_unix(thread.loop(), "/tmp/" + std::string(200, 'x'))), "socket-path-too-long");
}

Task<void> park_and_take(std::uint16_t port) {
  auto stream = co_await connect_tcp("127.0.0.1", port, in(5s));
  EXPECT_TRUE(stream);
  Stream* const same = stream->get();
  park("key", std::move(*stream));
  EXPECT_EQ(unpark("other"), nullptr);
  auto again = unpark("key");
  EXPECT_EQ(again.get(), same);
  EXPECT_EQ(unpark("key"), nullptr);
  if (!again) co_return;
  again->set_deadline(in(5s));
  EXPECT_TRUE(co_await again->write_all("close"));
  for (int i = 0; i < 1'000 && again; ++i) {
    park("key", std::move(again));
    co_await sleep_for(10ms);
    again = unpark("key");
  }
  EXPECT_EQ(again, nullptr) << "closed by the server meanwhile";
}

TEST(Park, KeepsAStreamUntilTheOtherSideClosesIt) {
  EchoServer server;
  run_to_end(park_and_take(server.port));
}

}  // namespace
}  // namespace quicklime::async
