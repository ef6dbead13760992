#pragma once
// A provider that does what a test wants. Its tokens are signed by the openssl command.

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "http/server.hpp"
#include "unit/crypto/token_maker.hpp"

namespace quicklime::identity {

class SetClock final : public Clock {
 public:
  Instant now() const override { return Instant::from_milliseconds(now_.load()); }
  void advance(Milliseconds duration) { now_ += duration.count(); }

 private:
  std::atomic<std::int64_t> now_{Instant::from_seconds(1'790'000'000).milliseconds()};
};

class FakeProvider {
 public:
  using Query = std::map<std::string, std::string, std::less<>>;

  explicit FakeProvider(std::shared_ptr<async::TlsServer> tls = nullptr) : tls_(std::move(tls)) { start(); }

  // Away and back again at the same address.
  void stop() { server_.reset(); }
  void start() {
    auto router = std::make_shared<http::Router>();
    const auto add = [&](http::Method method, const char* path, http::Response (FakeProvider::*answer)(const http::Request&)) {
      router->add({method, path, [this, answer](const http::Request& request) { return answered((this->*answer)(request)); }});
    };
    add(http::Method::get, "/.well-known/openid-configuration", &FakeProvider::metadata);
    add(http::Method::get, "/keys", &FakeProvider::keys);
    add(http::Method::post, "/token", &FakeProvider::token);
    add(http::Method::get, "/me", &FakeProvider::userinfo);
    const http::Endpoint endpoint{tls_ ? http::Endpoint::Kind::tls : http::Endpoint::Kind::plain, "127.0.0.1", port_, router, tls_};
    server_ = http::Server::start({endpoint}, {}, 1).value();
    port_ = server_->port(0);
    issuer = (tls_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_);
  }

  std::string issuer;
  std::atomic<int> metadata_asked{0}, keys_asked{0};

  // What it publishes, and what the next answers have; changed between requests.
  void publish(std::vector<const test::TokenMaker*> makers) {
    const std::lock_guard lock(mutex_);
    published_.clear();
    for (const auto* maker : makers) published_ += (published_.empty() ? "" : ",") + maker->jwk();
  }
  std::string claims_issuer{};              // in its metadata, if it is another
  std::string keys_at = "";                 // instead of its own address
  std::string more_metadata{};              // members, each behind a comma
  std::string id_token{};                   // of /token; NONCE stands for the flow's
  std::string info = R"({"sub":"alice"})";  // of /me
  const test::TokenMaker* signer = nullptr;
  std::string only_code{};  // that it takes, once
  std::string challenge{};  // PKCE, of the authorization request
  std::string nonce{};      // of the authorization request
  Query last_form{};        // that came to /token
  std::string last_authorization{};

 private:
  static async::Task<Result<http::Response>> answered(http::Response response) { co_return response; }

  http::Response metadata(const http::Request&) {
    ++metadata_asked;
    return http::Response::json(200, R"({"issuer":")" + (claims_issuer.empty() ? issuer : claims_issuer) +
                                         R"(","authorization_endpoint":")" + issuer + R"(/auth?tenant=7","token_endpoint":")" + issuer +
                                         R"(/token","jwks_uri":")" + (keys_at.empty() ? issuer : keys_at) + R"(/keys")" + more_metadata +
                                         "}");
  }
  http::Response keys(const http::Request&) {
    ++keys_asked;
    const std::lock_guard lock(mutex_);
    return http::Response::json(200, R"({"keys":[)" + published_ + "]}");
  }
  http::Response token(const http::Request& request) {
    http::Request form;
    form.target = "/?" + request.body;
    if (!http::split_target(form)) return http::Response::json(400, R"({"error":"invalid_request"})");
    last_form = form.query;
    last_authorization = request.headers.get("Authorization").value_or("");
    const bool proved = base64url_encode(crypto::view(crypto::sha256(last_form["code_verifier"]))) == challenge;
    if (last_form["code"] != only_code || !proved) return http::Response::json(400, R"({"error":"invalid_grant"})");
    only_code = "used up";
    std::string claims = id_token;
    if (const auto at = claims.find("NONCE"); at != std::string::npos) claims.replace(at, 5, nonce);
    return http::Response::json(200, R"({"access_token":"opaque","token_type":"Bearer","id_token":")" + signer->token(claims) + "\"}");
  }
  http::Response userinfo(const http::Request& request) {
    const bool shown = request.headers.get("Authorization") == "Bearer opaque";
    return shown ? http::Response::json(200, info) : http::Response::json(401, "{}");
  }

  std::shared_ptr<async::TlsServer> tls_;
  std::mutex mutex_;
  std::string published_;
  std::uint16_t port_ = 0;
  std::unique_ptr<http::Server> server_;
};

}  // namespace quicklime::identity
