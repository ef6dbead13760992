#include "http/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <mutex>
#include <thread>

#include "../async/test_certificates.hpp"
#include "async/completion.hpp"
#include "http/server.hpp"
#include "raw_client.hpp"

namespace quicklime::http {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TestAuthority& authority() {
  static TestAuthority made;
  return made;
}
const TestCertificate& server_certificate() {
  static const TestCertificate made = authority().sign("server", "DNS:localhost,IP:127.0.0.1");
  return made;
}
const TestCertificate& client_certificate() {
  static const TestCertificate made = authority().sign("client", "DNS:client.internal");
  return made;
}

async::Task<Result<Response>> echo(const Request& request) {
  Response response = Response::of(201, "text/plain", request.body);
  response.headers.add("X-Target", request.target);
  response.headers.add("X-Trace", request.id.text() + " " + request.traceparent);
  response.headers.add("X-Client", request.headers.get("X-Client").value_or("none") == "yes" ? "yes" : "no");
  co_return response;
}

async::Task<Result<Response>> who(const Request& request) {
  const std::string size = request.peer.certificate ? std::to_string(request.peer.certificate->size()) : "none";
  const std::string uid = request.peer.uid ? std::to_string(*request.peer.uid) : "none";
  co_return Response::of(200, "text/plain", size + " " + uid);
}

async::Task<Result<Response>> address(const Request& request) { co_return Response::of(200, "text/plain", request.peer.address); }

async::Task<Result<Response>> slow(const Request&) {
  co_await async::sleep_for(Milliseconds(10'000));
  co_return Response();
}

class ClientTest : public testing::Test {
 protected:
  ClientTest() : tls(async::TlsServer::make(server_certificate().pem, server_certificate().key).value()) {
    auto router = std::make_shared<Router>();
    router->add({Method::get, "/echo", echo});
    router->add({Method::post, "/echo", echo});
    router->add({Method::get, "/who", who});
    router->add({Method::get, "/address", address});
    router->add({Method::get, "/slow", slow});
    router->add({Method::post, "/slow", slow});
    Endpoint plain{Endpoint::Kind::plain, "127.0.0.1", 0, router};
    Endpoint secure{Endpoint::Kind::tls, "127.0.0.1", 0, router, tls};
    Endpoint local{Endpoint::Kind::unix_socket, (directory.path() / "control.sock").string(), 0, router};
    server = Server::start({plain, secure, local}, {}, 2).value();
  }

  std::unique_ptr<Client> plain_client() { return client({.url = "http://127.0.0.1:" + std::to_string(server->port(0))}); }
  std::unique_ptr<Client> secure_client(bool with_certificate) {
    auto trust = async::TlsClient::make(authority().root_pem).value();
    if (with_certificate) {
      EXPECT_TRUE(trust->present(client_certificate().pem, client_certificate().key));
    }
    return client({.url = "https://localhost:" + std::to_string(server->port(1)), .tls = trust});
  }
  std::unique_ptr<Client> local_client() { return client({.unix_socket = (directory.path() / "control.sock").string()}); }
  static std::unique_ptr<Client> client(Client::Options options) { return Client::make(std::move(options)).value(); }

  static Result<Response> get(Client& client, const std::string& target) { return ask(client, Method::get, target, ""); }
  static Result<Response> ask(Client& client, Method method, const std::string& target, const std::string& body) {
    Request request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers.add("X-Client", "yes");
    return async::run_to_end(client.send(std::move(request)));
  }

  test::TemporaryDirectory directory;
  std::shared_ptr<async::TlsServer> tls;
  std::unique_ptr<Server> server;
};

TEST_F(ClientTest, PassesOnWhichRequestItIsAndInWhichTrace) {
  Request request;
  request.target = "/echo";
  request.id = RequestId("own-1");
  request.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto client = plain_client();
  EXPECT_EQ(async::run_to_end(client->send(request))->headers.get("x-trace"), "own-1 " + request.traceparent);
}

TEST_F(ClientTest, AsksOverEveryTransport) {
  for (const auto& client : {plain_client(), secure_client(false), local_client()}) {
    const auto answer = ask(*client, Method::post, "/echo?a=b", "some body");
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 201U);
    EXPECT_EQ(answer->body, "some body");
    EXPECT_EQ(answer->headers.get("x-target"), "/echo?a=b");
    EXPECT_EQ(answer->headers.get("x-client"), "yes");
    EXPECT_EQ(get(*client, "/nowhere")->status, 404U);
    const auto head = ask(*client, Method::head, "/who", "");
    ASSERT_TRUE(head);
    EXPECT_EQ(head->body, "");
  }
}

TEST_F(ClientTest, IsSeenWithItsCertificateOrItsUser) {
  EXPECT_EQ(get(*plain_client(), "/who")->body, "none none");
  EXPECT_EQ(get(*secure_client(false), "/who")->body, "none none");
  EXPECT_THAT(get(*secure_client(true), "/who")->body, testing::MatchesRegex("[0-9]+ none"));
  EXPECT_EQ(get(*local_client(), "/who")->body, "none " + std::to_string(::getuid()));
}

async::Task<std::vector<std::string>> three_addresses(Client& client) {
  std::vector<std::string> addresses;
  for (int i = 0; i < 3; ++i) {
    Request request;
    request.target = "/address";
    auto answer = co_await client.send(std::move(request));
    addresses.push_back(answer ? answer->body : answer.error().detail);
  }
  co_return addresses;
}

TEST_F(ClientTest, KeepsItsConnection) {
  for (const auto& client : {plain_client(), secure_client(false)}) {
    const auto addresses = async::run_to_end(three_addresses(*client));
    EXPECT_THAT(addresses[0], HasSubstr("127.0.0.1:"));
    EXPECT_EQ(addresses[0], addresses[1]);
    EXPECT_EQ(addresses[0], addresses[2]);
  }
}

TEST_F(ClientTest, MayBeUsedFromOneLoopAfterTheOther) {
  const auto client = plain_client();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get(*client, "/who")->status, 200U);
}

TEST_F(ClientTest, NamesTheServerThatCannotBeReached) {
  const auto refused = get(*client({.url = "http://127.0.0.1:1"}), "/");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "server-unreachable");
  EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
  EXPECT_THAT(refused.error().detail, HasSubstr("127.0.0.1:1"));
  const auto absent = get(*client({.unix_socket = directory.path() / "absent.sock"}), "/");
  EXPECT_EQ(absent.error().reason, "server-unreachable");
  const auto distrusted = get(*client({.url = "https://127.0.0.1:" + std::to_string(server->port(1))}), "/");
  EXPECT_EQ(distrusted.error().reason, "server-tls");
  const auto not_tls = get(*client({.url = "https://127.0.0.1:" + std::to_string(server->port(0))}), "/");
  EXPECT_EQ(not_tls.error().reason, "server-tls");
}

TEST_F(ClientTest, SaysWhenItDoesNotKnowWhatHappened) {
  auto impatient = client({.url = "http://127.0.0.1:" + std::to_string(server->port(0)), .timeout = 500ms});
  const auto read = ask(*impatient, Method::get, "/slow", "");
  EXPECT_EQ(read.error().reason, "stream-deadline");
  EXPECT_EQ(read.error().code, ErrorCode::unavailable);
  const auto write = ask(*impatient, Method::post, "/slow", "x");
  EXPECT_EQ(write.error().reason, "stream-deadline");
  EXPECT_EQ(write.error().code, ErrorCode::outcome_unknown);
  EXPECT_THAT(write.error().detail, HasSubstr("500ms"));
}

TEST_F(ClientTest, RefusesUrlsItDoesNotUnderstand) {
  for (const char* url : {"", "ca.internal", "ftp://x", "http://", "http://h:port", "http://h:99999", "https://[::1", "http://h/?q"}) {
    const auto made = Client::make({.url = url});
    ASSERT_FALSE(made) << url;
    EXPECT_EQ(made.error().reason, "url-invalid");
  }
}

TEST_F(ClientTest, RefusesTargetsThatWouldBreakTheRequest) {
  const auto client = plain_client();
  for (const char* target : {"", "echo", "/a b", "/a\r\nX: y"}) EXPECT_EQ(get(*client, target).error().reason, "target-malformed");
}

// A server that says exactly this and closes.
Result<Response> answer_of(const std::string& bytes, Method method = Method::get, std::size_t body_limit = 1000) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener, reinterpret_cast<const sockaddr*>(&address), size);
  ::listen(listener, 1);
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  std::thread server([&] {
    const int connection = ::accept(listener, nullptr, nullptr);
    std::array<char, 4096> request{};
    EXPECT_GT(::recv(connection, request.data(), request.size(), 0), 0);
    EXPECT_EQ(::send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size()));
    ::shutdown(connection, SHUT_WR);
    (void)::recv(connection, request.data(), request.size(), 0);
    ::close(connection);
  });
  auto client =
      Client::make({.url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)), .timeout = 3s, .body_limit = body_limit}).value();
  Request request;
  request.method = method;
  request.target = "/";
  auto result = async::run_to_end(client->send(std::move(request)));
  server.join();
  ::close(listener);
  return result;
}

TEST(Client, ReadsBodiesInEveryForm) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")->body, "ok");
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\no\r\n1\r\nk\r\n0\r\n\r\n")->body, "ok");
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\nuntil the end")->body, "until the end");
  EXPECT_EQ(answer_of("HTTP/1.0 200 OK\r\n\r\nold")->body, "old");
  EXPECT_EQ(answer_of("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")->status, 204U);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", Method::head)->status, 200U);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'))->body.size(), 1000U);
}

TEST(Client, RefusesAnswersThatAreCutOrRubbish) {
  for (const char* bytes : {"", "HTTP/1.1 200 OK\r\nContent-Len", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nok",
                            "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok"}) {
    const auto result = answer_of(bytes);
    ASSERT_FALSE(result) << bytes;
    EXPECT_EQ(result.error().reason, "server-unreachable") << bytes;
  }
  EXPECT_EQ(answer_of("", Method::post).error().code, ErrorCode::outcome_unknown);
}

TEST(Client, RefusesAnswersOverItsLimit) {
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n").error().code, ErrorCode::too_large);
  EXPECT_EQ(answer_of("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')).error().code, ErrorCode::too_large);
}

TEST_F(ClientTest, AClientThatMakesNoHandshakeIsCut) {
  Limits limits;
  limits.handshake = 150ms;
  Endpoint endpoint{Endpoint::Kind::tls, "127.0.0.1", 0, std::make_shared<Router>(), tls};
  const auto strict = Server::start({endpoint}, limits, 1).value();
  const auto begin = std::chrono::steady_clock::now();
  RawClient silent(strict->port(0));
  RawClient half(strict->port(0));
  half.send("\x16\x03\x01");
  EXPECT_TRUE(silent.closed());
  EXPECT_TRUE(half.closed());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, 140ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 9s);
}

// curl is the client that nobody here wrote.
class CurlTest : public ClientTest {
 protected:
  std::string curl(const std::string& arguments) {
    const std::string command = "curl --silent --max-time 10 --cacert " + authority().file("root.crt") + " " + arguments + " 2>&1";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    std::array<char, 4096> chunk{};
    while (const std::size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe)) output.append(chunk.data(), got);
    const int status = ::pclose(pipe);
    return status == 0 ? output : "curl failed with " + std::to_string(status / 256);
  }
  std::string plain() const { return "http://127.0.0.1:" + std::to_string(server->port(0)); }
  std::string secure() const { return "https://localhost:" + std::to_string(server->port(1)); }
};

TEST_F(CurlTest, GetsAnswersOverBothTransportsAndVersions) {
  EXPECT_EQ(curl(plain() + "/who"), "none none");
  EXPECT_EQ(curl(secure() + "/who"), "none none");
  EXPECT_EQ(curl("--http1.0 " + plain() + "/who"), "none none");
  EXPECT_EQ(curl("--tls-max 1.2 " + secure() + "/who"), "none none");
  EXPECT_EQ(curl("--unix-socket " + (directory.path() / "control.sock").string() + " http://localhost/who"),
            "none " + std::to_string(::getuid()));
}

TEST_F(CurlTest, IsSeenWithItsCertificateOverBothVersions) {
  const std::string with = "--cert " + client_certificate().certificate_file + " --key " + client_certificate().key_file + " ";
  EXPECT_THAT(curl("--tls-max 1.2 " + with + secure() + "/who"), testing::MatchesRegex("[0-9]+ none"));
  EXPECT_THAT(curl("--tlsv1.3 " + with + secure() + "/who"), testing::MatchesRegex("[0-9]+ none"));
}

TEST_F(CurlTest, SendsBodiesInEveryForm) {
  const std::string file = directory.path() / "body";
  std::ofstream(file) << std::string(40'000, 'b');
  const std::string size = " --output /dev/null --write-out '%{http_code} %{size_download}' ";
  EXPECT_EQ(curl("--data-binary @" + file + size + plain() + "/echo"), "201 40000");
  EXPECT_EQ(curl("--header 'Expect: 100-continue' --data-binary @" + file + size + secure() + "/echo"), "201 40000");
  EXPECT_EQ(curl("--header 'Transfer-Encoding: chunked' --data-binary @" + file + size + plain() + "/echo"), "201 40000");
  EXPECT_EQ(curl("--head --write-out '%{http_code}' --output /dev/null " + plain() + "/who"), "200");
}

TEST_F(CurlTest, ReusesItsConnection) {
  const std::string out = " --output /dev/null --write-out '%{num_connects} ' ";
  EXPECT_EQ(curl(out + plain() + "/who --next " + out + plain() + "/who"), "1 0 ");
}

TEST_F(CurlTest, SeesTheNewCertificateAfterItWasReplaced) {
  const TestCertificate next = authority().sign("next", "DNS:next.internal");
  EXPECT_EQ(curl(secure() + "/who"), "none none");
  ASSERT_TRUE(tls->replace(next.pem, next.key));
  EXPECT_EQ(curl(secure() + "/who"), "curl failed with 60");
  const std::string port = std::to_string(server->port(1));
  EXPECT_EQ(curl("--resolve next.internal:" + port + ":127.0.0.1 https://next.internal:" + port + "/who"), "none none");
}

// A client under load sees no failed request while certificates are replaced all the time.
TEST_F(ClientTest, CertificatesAreReplacedUnderLoad) {
  const TestCertificate other = authority().sign("other", "DNS:localhost");
  std::atomic<bool> stop = false;
  std::thread replacing([&] {
    for (int i = 0; !stop; ++i) {
      const TestCertificate& next = i % 2 == 0 ? other : server_certificate();
      EXPECT_TRUE(tls->replace(next.pem, next.key));
      std::this_thread::sleep_for(2ms);
    }
  });
  const auto client = secure_client(true);
  for (int i = 0; i < 100; ++i) {
    const auto answer = get(*client, "/who");  // a new loop each time: a new connection
    ASSERT_TRUE(answer) << answer.error().detail;
  }
  stop = true;
  replacing.join();
}

}  // namespace
}  // namespace quicklime::http
