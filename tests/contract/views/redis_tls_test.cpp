// The view store over TLS, with a server that asks for a client certificate.

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "async/task.hpp"
#include "backend.hpp"
#include "redis_server.hpp"

namespace quicklime::views::contract {
namespace {

class RedisTls : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "redis-tls-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    make("ca", "-x509 -days 1 -subj '/CN=test CA' -addext basicConstraints=critical,CA:true");
    for (const std::string name : {"server", "client"}) {
      make(name, "-x509 -days 1 -CA " + file("ca.crt") + " -CAkey " + file("ca.key") + " -subj /CN=" + name +
                     " -addext subjectAltName=IP:127.0.0.1");
    }
    server_ = std::make_unique<RedisServer>(std::vector<std::string>{});
    const std::string port = std::to_string(server_->port());
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"tls-cert-file", file("server.crt")},
                                                                                      {"tls-key-file", file("server.key")},
                                                                                      {"tls-ca-cert-file", file("ca.crt")},
                                                                                      {"tls-port", port}}) {
      const Reply reply = server_->ask({"CONFIG", "SET", name, value});
      ASSERT_FALSE(reply.is(Reply::Kind::error)) << name << ": " << reply.text;
    }
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string file(const std::string& name) const { return (directory_ / name).string(); }
  std::string text(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream(file(name)).rdbuf();
    return all.str();
  }
  void make(const std::string& name, const std::string& words) const {
    const std::string command = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout " + file(name + ".key") + " -out " +
                                file(name + ".crt") + " " + words + " 2>>" + file("openssl.log");
    ASSERT_EQ(std::system(command.c_str()), 0) << command << "\n" << text("openssl.log");
  }
  std::unique_ptr<ViewStore> open(std::shared_ptr<async::TlsClient> tls) const {
    RedisOptions options = server_->options();
    options.unix_socket.clear();
    options.port = server_->port();
    options.tls = std::move(tls);
    return make_redis_store(std::move(options), "ocsp", 1, kSpaces);
  }

  std::filesystem::path directory_;
  std::unique_ptr<RedisServer> server_;
};

TEST_F(RedisTls, WorksWithBothCertificates) {
  auto tls = async::TlsClient::make(text("ca.crt"));
  ASSERT_TRUE(tls);
  const auto key = crypto::PrivateKey::from_pem(Secret(text("client.key")));
  ASSERT_TRUE(key);
  ASSERT_TRUE((*tls)->present(text("client.crt"), *key));
  const auto store = open(*tls);
  Changes changes;
  for (int i = 0; i < 3'000; ++i) changes.points[PointKey{"status", std::to_string(i)}] = "value " + std::to_string(i);
  const auto done = store->apply(std::nullopt, changes, State{eventlog::Anchor{LogId("log"), {}, {}, {}}, 1, ""});
  ASSERT_TRUE(done) << done.error().detail;
  std::vector<PointKey> keys;
  for (int i = 0; i < 3'000; ++i) keys.push_back({"status", std::to_string(i)});
  const auto points = async::run_to_end(store->get(keys));
  ASSERT_TRUE(points) << points.error().detail;
  EXPECT_EQ(points->values.at(2'999), "value 2999");
}

TEST_F(RedisTls, RefusesAServerOfAnotherAuthorityAndIsRefusedWithoutACertificate) {
  make("other", "-x509 -days 1 -subj /CN=other");
  const auto stranger = open(*async::TlsClient::make(text("other.crt")));
  const auto refused = stranger->now();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "redis-unreachable");
  EXPECT_NE(refused.error().detail.find("certificate"), std::string::npos) << refused.error().detail;
  EXPECT_FALSE(open(*async::TlsClient::make(text("ca.crt")))->now());
  EXPECT_FALSE(open(nullptr)->now());
}

}  // namespace
}  // namespace quicklime::views::contract
