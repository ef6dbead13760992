#include "issuance/service.hpp"

#include "api/csr_body.hpp"
#include "api/issued_answer.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "crypto/hash.hpp"
#include "runtime/certificate_standing.hpp"

namespace quicklime::issuance {
namespace {

using api::Answer;
constexpr const char* kRoute = "/v1/certificates";
constexpr const char* kDefaultProfile = "tls-server";

// Body and query as sent: a retry under the same Idempotency-Key must match both.
std::string body_sha256(const http::Request& request) {
  const std::string_view target = request.target;
  const std::string_view query = target.substr(std::min(target.find('?'), target.size()));
  return hex_encode(crypto::view(crypto::sha256_of_parts({query, request.body})));
}

Result<ca::IssueRequest> issue_request(const api::Call& call) {
  const http::Request& request = call.request;
  auto body = api::read_csr_body(request, {"profile", "lifetime", "service", "node"});
  if (!body) return forward(body);
  const auto lifetime = body->lifetime();
  if (!lifetime) return forward(lifetime);
  auto csr = body->csr();
  if (!csr) return forward(csr);
  ca::IssueRequest asked{.csr = *std::move(csr),
                         .profile = body->text("profile").value_or(kDefaultProfile),
                         .lifetime = *lifetime,
                         .service = body->text("service"),
                         .node = body->text("node"),
                         .method = std::string(http::name(request.method)),
                         .route = kRoute,
                         .body_sha256 = body_sha256(request),
                         .cause = call.cause()};
  if (const auto key = request.headers.get("Idempotency-Key")) asked.idempotency_key = std::string(*key);
  return asked;
}

class Issuance {
 public:
  Issuance(std::shared_ptr<ca::Issuer> issuer, std::shared_ptr<KeyedIssuer> keyed) : issuer_(std::move(issuer)), keyed_(std::move(keyed)) {}

  async::Task<Answer> issue(api::Call& call) {
    if (is_key_request(call.request)) co_return co_await issue_with_key(call);
    auto asked = issue_request(call);
    if (!asked) co_return forward(asked);
    const access::Identity& who = call.who();
    ca::Requester requester{.actor = who.actor,
                            .profiles = who.profiles,
                            .names = who.names,
                            .is_administrator = who.role == access::Role::administrator,
                            .persist_by = who.persist_by};
    const auto issued = co_await issuer_->issue(*std::move(asked), std::move(requester));
    if (!issued) co_return forward(issued);
    co_return api::issued_answer(*issued, call.request);
  }

 private:
  async::Task<Answer> issue_with_key(api::Call& call) {
    const auto request = read_key_request(call.request.body, {"profile", "lifetime", "service", "node"});
    if (!request) co_return forward(request);
    KeyedIssuer::Issue asked{
        .profile = request->text("profile").value_or(kDefaultProfile), .service = request->text("service"), .node = request->text("node")};
    if (const auto text = request->text("lifetime")) {
      const auto lifetime = parse_duration(*text);
      if (!lifetime) co_return forward(lifetime);
      asked.lifetime = *lifetime;
    }
    co_return co_await keyed_->issue(call, *request, std::move(asked), 201, [](const ca::Issued& issued, const MadeKey& key) {
      return Secret(api::issued_json(issued, &key.pem));
    });
  }

  std::shared_ptr<ca::Issuer> issuer_;
  std::shared_ptr<KeyedIssuer> keyed_;
};

}  // namespace

runtime::Service make_service(std::shared_ptr<ca::Issuer> issuer, std::shared_ptr<KeyedIssuer> keyed) {
  using access::Role;
  auto issuance = std::make_shared<Issuance>(issuer, keyed);
  runtime::Service service;
  service.routes = {{http::Method::post, kRoute, api::Access::identified({Role::administrator, Role::requester, Role::process}),
                     [issuance](api::Call& call) { return issuance->issue(call); }, api::Repeated::by_its_key}};
  service.certificate_status = runtime::status_among_decisions();
  // What lost a race is revoked here, never in a projector (architecture section 5).
  service.background.push_back([issuer] { return ca::Issuer::keep_swept(issuer); });
  service.background.push_back([keyed] { return KeyedIssuer::keep_revoking(keyed); });
  return service;
}

}  // namespace quicklime::issuance
