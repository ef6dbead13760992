#include "renewal/service.hpp"

#include "renewal/proof.hpp"
#include "renewal/rules.hpp"
#include "renewal/service_json.hpp"
#include "renewal/view.hpp"
#include "runtime/csr_body.hpp"
#include "runtime/issued_answer.hpp"
#include "runtime/request_input.hpp"
#include "runtime/requests.hpp"

namespace quicklime::renewal {
namespace {

using Answer = Result<http::Response>;
constexpr const char* kRoute = "/v1/certificates/{serial}/renew";

class Role {
 public:
  Role(runtime::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) : context_(context), issuer_(std::move(issuer)) {}

  // What the proof must sign. No secret: it makes a proof good for one certificate, and the next has another.
  async::Task<Answer> challenge(const http::Request& request) {
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    const auto serial = runtime::serial_parameter(request);
    if (!serial) co_return forward(serial);
    if (auto none = runtime::only_parameters(request, {}); !none) co_return forward(none);
    const auto found = co_await find(context_, *serial);
    if (!found) co_return forward(found);
    const Position position = found->meta.anchor.position;
    auto response = http::Response::json(200, challenge_json(*serial, found->record.renewal_challenge, position));
    runtime::set_position(response, position);
    co_return response;
  }

  async::Task<Answer> renew(const http::Request& request) {
    // Step 1. What is asked, and of which certificate. Nothing that fails before the proof holds is ever written down: nobody
    // can make the log grow who does not hold the key of a certificate.
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    const auto serial = runtime::serial_parameter(request);
    if (!serial) co_return forward(serial);
    const auto body = runtime::read_csr_body(request, {"signature", "lifetime"});
    if (!body) co_return forward(body);
    const auto lifetime = body->lifetime();
    if (!lifetime) co_return forward(lifetime);
    if (!body->text("signature") && !request.peer.certificate) co_return proof_missing(*serial);
    const auto found = co_await find(context_, *serial);
    if (!found) co_return forward(found);
    const auto old = co_await read_predecessor(context_, found->record);
    if (!old) co_return forward(old);

    // Step 2. The proof, before anything else is said of the certificate.
    const auto proved = co_await check_proof(request, *body, *old);
    if (!proved) co_return forward(proved);
    // A thief proves as well as its owner does, so nothing is written down for him either.
    const auto trusted = co_await require_trusted_key(context_, *old);
    if (!trusted) co_return forward(trusted);
    const auto csr = body->csr();
    if (!csr) co_return forward(csr);

    // Step 3. From here on as any issuing: the view, the rules, sign, append, the verdict (libs/ca/issue).
    const events::Actor actor{"certificate", serial->hex()};
    ca::IssueRequest asked = issue_request(request, *csr, *lifetime, *old);
    ca::Requester holder{.actor = actor, .profiles = {old->issued.profile}, .names = ca::NamePolicy::everything()};
    const auto issued = co_await issuer_->issue(std::move(asked), std::move(holder));
    if (issued) co_return runtime::issued_answer(*issued, request);
    if (issued.error().code == ErrorCode::denied) {
      const access::Identity who{actor, "the holder of " + serial->hex(), access::Role::requester, {}, ca::NamePolicy::everything()};
      co_await context_.denials.record(who, request.id, runtime::denied_route(request), issued.error());
    }
    co_return forward(issued);
  }

 private:
  async::Task<Result<void>> check_proof(const http::Request& request, const runtime::CsrBody& body, const Predecessor& old) {
    if (const auto signature = body.text("signature")) {
      const std::string text = proof_text(old.issued.serial, old.issued.renewal_challenge, body.csr_der);
      co_return check_signature(old.certificate, text, *signature, body.where + "signature");
    }
    const auto presented = co_await presented_certificate(context_, request);
    if (!presented) co_return forward(presented);
    co_return check_presented(old.certificate, *presented);
  }

  ca::IssueRequest issue_request(const http::Request& request, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime,
                                 const Predecessor& old) const {
    const Policy policy{context_.configuration.renewal_after_expiry, context_.configuration.renewal_allow_same_key};
    ca::IssueRequest asked{.csr = csr,
                           .profile = old.issued.profile,
                           .lifetime = lifetime.value_or(inherited_lifetime(old, issuer_->policy().profiles)),
                           .service = old.issued.service,
                           .node = old.issued.node,
                           .replaces = old.issued.serial,
                           .names = old.certificate.alternative_names(),
                           .rules = [old, csr, policy, now = context_.clock.now()] { return check(old, csr, policy, now); },
                           .method = std::string(http::name(request.method)),
                           .route = kRoute,
                           .body_sha256 = request_sha256(csr, lifetime),
                           .request = request.id};
    if (const auto key = request.headers.get("Idempotency-Key")) asked.idempotency_key = std::string(*key);
    return asked;
  }

  runtime::ServiceContext context_;
  std::shared_ptr<ca::Issuer> issuer_;
};

}  // namespace

runtime::Service make_service(runtime::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) {
  auto role = std::make_shared<Role>(context, issuer);
  runtime::Service service;
  service.routes = {
      {http::Method::get, kRoute, [role](const http::Request& request) { return role->challenge(request); }},
      {http::Method::post, kRoute, [role](const http::Request& request) { return role->renew(request); }},
  };
  service.background.push_back([issuer] { return ca::Issuer::keep_swept(issuer); });
  return service;
}

}  // namespace quicklime::renewal
