#include "runtime/remote_exchange.hpp"

#include "async/tls.hpp"
#include "base/encoding.hpp"
#include "base/file.hpp"
#include "base/json_object.hpp"
#include "crypto/random.hpp"
#include "http/client.hpp"
#include "http/problem.hpp"

namespace quicklime::runtime {
namespace {

constexpr std::chrono::seconds kAnswered{10};  // a password waits for others before it

// POST /v1/sign-in, where this process vouches for a client's certificate as a gateway does. nullopt: nothing that is exchanged there.
std::optional<std::string> body_of(const access::Credentials& credentials) {
  std::string body;
  JsonObject json(body);
  if (credentials.password) {
    json.string("user", credentials.password->user);
    json.string("password", credentials.password->password.reveal());
  } else if (credentials.bearer) {
    json.string("assertion", credentials.bearer->reveal());
  } else if (credentials.client_certificate) {
    json.name("client_certificate") += "true";
  } else {
    return std::nullopt;
  }
  json.end();
  return body;
}

class RemoteExchange final : public access::Exchange {
 public:
  RemoteExchange(AtIdentity identity, const Clock& clock) : identity_(std::move(identity)), clock_(clock) {}

  async::Task<std::optional<Result<access::Exchanged>>> exchange(const access::Credentials& credentials) override {
    auto body = body_of(credentials);
    if (!body) co_return std::nullopt;
    http::Request request = request_to("/v1/sign-in", *std::move(body), credentials.address);
    const bool by_certificate = !credentials.password && !credentials.bearer;
    if (by_certificate) request.headers.set("Client-Cert", ":" + base64_encode(*credentials.client_certificate) + ":");
    auto exchanged = signed_in_by(co_await ask(std::move(request)));
    if (by_certificate && access::is_nobody(exchanged)) co_return std::nullopt;
    co_return exchanged;
  }

  // It travels as CFSSL's clients send it.
  async::Task<Result<bool>> is_by_auth_key(const access::SignedRequest& signed_request) override {
    std::string body;
    JsonObject json(body);
    json.string("request", base64_encode(signed_request.text));
    json.string("token", base64_encode(signed_request.mac));
    json.end();
    std::string target = "/v1/tokens/" + http::percent_encode(signed_request.token.text()) + "/proof";
    const auto response = co_await ask(request_to(std::move(target), std::move(body), signed_request.address));
    if (!response) co_return forward(response);
    if (response->status == 401) co_return false;
    if (response->status != 200) co_return fail(http::error_from(*response));
    co_return true;
  }

 private:
  http::Request request_to(std::string target, std::string body, const std::string& client) const {
    http::Request request;
    request.id = RequestId("exchange-" + crypto::uuid_v7(clock_.now()));
    request.method = http::Method::post;
    request.target = std::move(target);
    request.headers.set("Content-Type", "application/json");
    if (!client.empty()) request.headers.set("X-Forwarded-For", client);
    request.body = std::move(body);
    return request;
  }

  static Result<access::Exchanged> signed_in_by(Result<http::Response> response) {
    if (!response) return forward(response);
    if (response->status != 201) return fail(http::error_from(*response));
    auto signed_in = read_signed_in(response->body);
    wipe(response->body);
    return signed_in;
  }

  async::Task<Result<http::Response>> ask(http::Request request) {
    const auto roots = read_file(identity_.roots_file);
    if (!roots) co_return forward(roots);
    auto tls = async::TlsClient::make(*roots);
    if (!tls) co_return forward(tls);
    const auto chain = read_file(std::filesystem::path(identity_.own).concat(".crt"));
    if (!chain) co_return forward(chain);
    const auto key_text = read_secret_file(std::filesystem::path(identity_.own).concat(".key"));
    if (!key_text) co_return forward(key_text);
    auto key = crypto::PrivateKey::from_pem(*key_text);
    if (!key) co_return forward(key);
    if (auto presented = (*tls)->present(*chain, *key); !presented) co_return forward(presented);
    auto client = http::Client::make({.url = identity_.url, .unix_socket = {}, .tls = *tls, .timeout = kAnswered});
    if (!client) co_return forward(client);
    auto response = co_await (*client)->send(std::move(request));
    if (!response) {
      co_return fail(ErrorCode::unavailable, "identity-unreachable",
                     "passwords, assertions, client certificates and auth keys cannot be checked now: " + response.error().detail +
                         "; tokens and sessions work");
    }
    co_return *std::move(response);
  }

  const AtIdentity identity_;
  const Clock& clock_;
};

}  // namespace

std::shared_ptr<access::Exchange> exchange_at(AtIdentity identity, const Clock& clock) {
  return std::make_shared<RemoteExchange>(std::move(identity), clock);
}

}  // namespace quicklime::runtime
