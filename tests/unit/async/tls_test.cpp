#include "async/tls.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>

#include "async/completion.hpp"
#include "async/stream.hpp"
#include "base/encoding.hpp"
#include "test_certificates.hpp"

namespace quicklime::async {
namespace {

using namespace std::chrono_literals;

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

std::string der_of(const std::string& pem) {
  std::string base64;
  for (std::size_t at = pem.find('\n') + 1; pem[at] != '-'; ++at) {
    if (pem[at] != '\n') base64.push_back(pem[at]);
  }
  return base64_decode(base64).value();
}

// Answers every line by who asked: "nobody" or the length of the certificate.
Task<void> serve(std::unique_ptr<Stream> stream, std::string expected_der) {
  stream->set_deadline(std::chrono::steady_clock::now() + 10s);
  std::string buffer(64 * 1024, '\0');
  for (;;) {
    const auto count = co_await stream->read_some(buffer);
    if (!count) co_return;
    std::string answer = "nobody";
    if (stream->peer().certificate) answer = *stream->peer().certificate == expected_der ? "client" : "somebody";
    if (buffer.starts_with("large")) answer = std::string(200'000, 'x');
    const auto written = co_await stream->write_all(answer + "\n");
    if (!written) co_return;
    if (buffer.starts_with("bye")) break;
  }
  co_await stream->shutdown();
}

Task<void> accept_all(Loop& loop, std::unique_ptr<Listener> listener, std::string expected_der) {
  for (;;) {
    auto stream = co_await listener->accept();
    if (!stream) co_return;
    loop.spawn(serve(std::move(*stream), expected_der));
  }
}

class TlsTest : public testing::Test {
 protected:
  TlsTest() : tls(TlsServer::make(server_certificate().pem, server_certificate().key).value()) {
    auto listener = listen_tls(thread_.loop(), "127.0.0.1", 0, tls).value();
    port = listener->port();
    thread_.loop().spawn(accept_all(thread_.loop(), std::move(listener), der_of(client_certificate().pem)));
  }
  std::shared_ptr<TlsServer> tls;
  std::uint16_t port = 0;

  // What it is told by a server that says goodbye after it: "" when there was no connection.
  std::string s_client(const std::string& options) const {
    const std::string words = authority().file("words");  // its input, which does not end before the connection
    ::unlink(words.c_str());
    EXPECT_EQ(::mkfifo(words.c_str(), 0600), 0);
    const int open_end = ::open(words.c_str(), O_RDWR | O_CLOEXEC);
    EXPECT_EQ(::write(open_end, "bye\n", 4), 4);
    const std::string command = "timeout 60 openssl s_client -quiet -no_ign_eof -verify_return_error -CAfile " +
                                authority().file("root.crt") + " -connect 127.0.0.1:" + std::to_string(port) + " " + options + " <" +
                                words + " 2>/dev/null";
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::string output;
    std::array<char, 256> chunk{};
    while (std::fgets(chunk.data(), chunk.size(), pipe) != nullptr) output += chunk.data();
    ::pclose(pipe);
    ::close(open_end);
    return output;
  }

 private:
  LoopThread thread_{"tls"};
};

Task<Result<std::string>> ask(std::string host, std::uint16_t port, const TlsClient& client, std::string text, std::size_t size) {
  auto stream = co_await connect_tls(host, port, client, std::chrono::steady_clock::now() + 5s);
  if (!stream) co_return forward(stream);
  if (auto written = co_await (*stream)->write_all(text); !written) co_return forward(written);
  std::string answer;
  std::string buffer(64 * 1024, '\0');
  while (answer.size() < size) {
    auto count = co_await (*stream)->read_some(buffer);
    if (!count) co_return forward(count);
    answer.append(buffer, 0, *count);
  }
  if (text == "bye") {
    auto end = co_await (*stream)->read_some(buffer);
    answer += end ? "no end" : end.error().reason;
  }
  co_return answer;
}

std::shared_ptr<TlsClient> trusting_client() { return TlsClient::make(authority().root_pem).value(); }

TEST_F(TlsTest, ServesAClientWithoutACertificate) {
  EXPECT_EQ(run_to_end(ask("127.0.0.1", port, *trusting_client(), "hello", 7)).value(), "nobody\n");
  EXPECT_EQ(run_to_end(ask("localhost", port, *trusting_client(), "hello", 7)).value(), "nobody\n");
}

TEST_F(TlsTest, SeesTheCertificateOfAClient) {
  const auto client = trusting_client();
  ASSERT_TRUE(client->present(client_certificate().pem, client_certificate().key));
  EXPECT_EQ(run_to_end(ask("127.0.0.1", port, *client, "hello", 7)).value(), "client\n");
}

TEST_F(TlsTest, SeesTheCertificateOfAForeignClientOverBothVersions) {
  const std::string with = "-cert " + client_certificate().certificate_file + " -key " + client_certificate().key_file;
  EXPECT_EQ(s_client("-tls1_2 " + with), "client\n");
  EXPECT_EQ(s_client("-tls1_3 " + with), "client\n");
  EXPECT_EQ(s_client("-tls1_2"), "nobody\n");
  EXPECT_EQ(s_client("-tls1_3"), "nobody\n");
}

TEST_F(TlsTest, LetsACertificateOfAnyIssuerIn) {
  TestAuthority elsewhere;
  const TestCertificate foreign = elsewhere.sign("foreign", "DNS:foreign");
  EXPECT_EQ(s_client("-cert " + foreign.certificate_file + " -key " + foreign.key_file), "somebody\n");
}

TEST_F(TlsTest, RefusesOldVersions) { EXPECT_EQ(s_client("-tls1_1 -cipher ALL@SECLEVEL=0"), ""); }

TEST_F(TlsTest, KeepsTheCertificateOfAClientThatResumesItsSession) {
  const std::string session = authority().file("session.pem");
  for (const std::string version : {"-tls1_2 ", "-tls1_3 "}) {
    const std::string with = version + "-cert " + client_certificate().certificate_file + " -key " + client_certificate().key_file;
    EXPECT_EQ(s_client(with + " -sess_out " + session), "client\n");
    EXPECT_EQ(s_client(version + " -sess_in " + session), "client\n");
  }
}

TEST_F(TlsTest, CarriesMoreThanARecord) {
  EXPECT_EQ(run_to_end(ask("127.0.0.1", port, *trusting_client(), "large", 200'001)).value().size(), 200'001U);
}

TEST_F(TlsTest, SaysGoodbye) {
  EXPECT_EQ(run_to_end(ask("127.0.0.1", port, *trusting_client(), "bye", 7)).value(), "nobody\nstream-closed");
}

TEST_F(TlsTest, ClientRefusesAServerItDoesNotTrust) {
  const auto result = run_to_end(ask("127.0.0.1", port, *TlsClient::make("").value(), "hello", 7));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().reason, "server-tls");
  EXPECT_NE(result.error().detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << result.error().detail;
  EXPECT_NE(result.error().detail.find("not accepted"), std::string::npos) << result.error().detail;
}

TEST_F(TlsTest, ClientRefusesAnotherServersCertificate) {
  const TestCertificate other = authority().sign("other", "DNS:other.internal");
  ASSERT_TRUE(tls->replace(other.pem, other.key));
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto result = run_to_end(ask(host, port, *trusting_client(), "hello", 7));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().reason, "server-tls");
    EXPECT_NE(result.error().detail.find("mismatch"), std::string::npos) << result.error().detail;
  }
}

TEST_F(TlsTest, CertificateIsReplacedWhileItServes) {
  EXPECT_EQ(s_client("-verify_hostname localhost"), "nobody\n");
  const TestCertificate next = authority().sign("next", "DNS:next.internal");
  ASSERT_TRUE(tls->replace(next.pem, next.key));
  EXPECT_EQ(s_client("-verify_hostname localhost"), "");
  EXPECT_EQ(s_client("-verify_hostname next.internal"), "nobody\n");
}

Task<void> plain_words(std::uint16_t port) {
  auto stream = co_await connect_tcp("127.0.0.1", port, std::chrono::steady_clock::now() + 5s);
  EXPECT_TRUE(stream);
  EXPECT_TRUE(co_await (*stream)->write_all("GET / HTTP/1.1\r\n\r\n"));
  std::string buffer(100, '\0');
  bool ended = false;
  for (int reads = 0; reads < 10 && !ended; ++reads) ended = !co_await (*stream)->read_some(buffer);
  EXPECT_TRUE(ended);
}

TEST_F(TlsTest, SurvivesAClientThatSpeaksNoTls) {
  run_to_end(plain_words(port));
  EXPECT_EQ(run_to_end(ask("127.0.0.1", port, *trusting_client(), "hello", 7)).value(), "nobody\n");
}

TEST(TlsServer, RefusesAKeyOfAnotherCertificate) {
  const auto server = TlsServer::make(server_certificate().pem, client_certificate().key);
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().reason, "tls-key-mismatch");
}

TEST(TlsServer, RefusesWhatIsNoCertificate) {
  EXPECT_EQ(TlsServer::make("", server_certificate().key).error().reason, "tls-certificate-invalid");
  EXPECT_EQ(TlsServer::make("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", server_certificate().key).error().reason,
            "tls-certificate-invalid");
  EXPECT_EQ(TlsClient::make("rubbish").error().reason, "tls-certificate-invalid");
}

}  // namespace
}  // namespace quicklime::async
