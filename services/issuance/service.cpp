#include "issuance/service.hpp"

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "crypto/hash.hpp"
#include "issuance/wish.hpp"
#include "pki/pem.hpp"
#include "runtime/requests.hpp"

namespace quicklime::issuance {
namespace {

using Answer = Result<http::Response>;
constexpr Milliseconds kSweepInterval{1'000};
constexpr const char* kRoute = "/v1/certificates";
constexpr const char* kPemChain = "application/pem-certificate-chain";

// Body and query as sent: a retry under the same Idempotency-Key must match both.
std::string body_sha256(const http::Request& request) {
  const std::string_view target = request.target;
  const std::string_view query = target.substr(std::min(target.find('?'), target.size()));
  return hex_encode(crypto::view(crypto::sha256_of_parts({query, request.body})));
}

Result<ca::IssueRequest> issue_request(const http::Request& request) {
  auto wish = read_wish(request);
  if (!wish) return forward(wish);
  auto csr = pki::Csr::parse(wish->csr);
  if (!csr) return forward(csr);
  ca::IssueRequest asked{.csr = *std::move(csr),
                         .profile = std::move(wish->profile),
                         .lifetime = wish->lifetime,
                         .service = std::move(wish->service),
                         .node = std::move(wish->node),
                         .method = std::string(http::name(request.method)),
                         .route = kRoute,
                         .body_sha256 = body_sha256(request),
                         .request = request.id};
  if (const auto key = request.headers.get("Idempotency-Key")) asked.idempotency_key = std::string(*key);
  return asked;
}

// Whichever of the two forms the client names first; JSON when it names neither.
bool wants_pem(const http::Request& request) {
  const std::string_view accept = request.headers.get("Accept").value_or("");
  const auto pem = accept.find(kPemChain);
  return pem != std::string_view::npos && pem < accept.find("application/json");
}

http::Response answer(const ca::Issued& issued, const http::Request& request) {
  auto response = wants_pem(request)
                      ? http::Response::of(201, kPemChain, pki::pem_encode("CERTIFICATE", issued.certificate) + ca::pem(issued.chain))
                      : http::Response::json(201, issued_json(issued));
  response.headers.set("Location", std::string(kRoute) + "/" + issued.serial.hex());
  response.headers.set("Cache-Control", "no-store");  // the revocation secret is in it
  runtime::set_position(response, issued.position);
  return response;
}

class Role {
 public:
  Role(runtime::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) : context_(context), issuer_(std::move(issuer)) {}

  async::Task<Answer> issue(const http::Request& request) {
    // A token that was created a moment ago may be ahead of this view: its creator can name its position.
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    std::function<async::Task<Answer>(const access::Identity&)> handler = [this, &request](const access::Identity& who) {
      return issue_for(request, who);
    };
    co_return co_await runtime::authorized(context_, request, std::move(handler));
  }

  // What lost a race is revoked here, never in a projector (architecture section 5).
  async::Task<void> sweep() {
    std::string last_failure;
    for (;;) {
      co_await async::sleep_for(kSweepInterval);
      const auto swept = co_await issuer_->sweep();
      // A view that is behind says so every second; once is enough for a reader of logs.
      const std::string failure = swept ? std::string() : swept.error().reason;
      if (!swept && failure != last_failure) {
        log::warning("the sweep rests", {{"reason", failure}, {"detail", swept.error().detail}});
      } else if (swept && *swept > 0) {
        log::info("revoked certificates that lost a race and were never answered", {{"count", std::to_string(*swept)}});
      }
      last_failure = failure;
    }
  }

 private:
  async::Task<Answer> issue_for(const http::Request& request, const access::Identity& who) {
    if (auto allowed = access::require(who, {access::Role::administrator, access::Role::requester, access::Role::process}); !allowed) co_return forward(allowed);
    auto asked = issue_request(request);
    if (!asked) co_return forward(asked);
    ca::Requester requester{.actor = who.actor, .profiles = who.profiles, .names = who.names};
    const auto issued = co_await issuer_->issue(*std::move(asked), std::move(requester));
    if (!issued) co_return forward(issued);
    co_return answer(*issued, request);
  }

  runtime::ServiceContext context_;
  std::shared_ptr<ca::Issuer> issuer_;
};

}  // namespace

runtime::Service make_service(runtime::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) {
  auto role = std::make_shared<Role>(context, std::move(issuer));
  runtime::Service service;
  service.routes.push_back({http::Method::post, kRoute, [role](const http::Request& request) { return role->issue(request); }});
  service.background.push_back([role] { return role->sweep(); });
  return service;
}

}  // namespace quicklime::issuance
