#include "renewal/service.hpp"

#include "api/csr_body.hpp"
#include "api/issued_answer.hpp"
#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/role_uri.hpp"
#include "renewal/proof.hpp"
#include "renewal/rules.hpp"
#include "renewal/service_json.hpp"
#include "renewal/settings.hpp"
#include "renewal/view.hpp"
#include "runtime/certificate_standing.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::renewal {
namespace {

using api::Answer;
using api::Call;
constexpr const char* kRoute = "/v1/certificates/{serial}/renew";

class Renewal {
 public:
  Renewal(api::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) : context_(context), issuer_(std::move(issuer)) {}

  // What the proof must sign. No secret: it makes a proof good for one certificate, and the next has another.
  async::Task<Answer> challenge(Call& call) {
    const http::Request& request = call.request;
    const auto serial = api::serial_parameter(request);
    if (!serial) co_return forward(serial);
    if (auto none = api::only_parameters(request, {}); !none) co_return forward(none);
    const auto found = co_await find(context_, *serial);
    if (!found) co_return forward(found);
    const Position position = found->meta.anchor.position;
    auto response = http::Response::json(200, challenge_json(*serial, found->record.renewal_challenge, position));
    api::set_position(response, position);
    co_return response;
  }

  async::Task<Answer> renew(Call& call) {
    const http::Request& request = call.request;
    // Step 1. What is asked, and of which certificate. Nothing that fails before the proof holds is ever written down: nobody
    // can make the log grow who does not hold the key of a certificate.
    const auto serial = api::serial_parameter(request);
    if (!serial) co_return forward(serial);
    const auto body = api::read_csr_body(request, {"signature", "lifetime"});
    if (!body) co_return forward(body);
    const auto lifetime = body->lifetime();
    if (!lifetime) co_return forward(lifetime);
    if (!body->text("signature") && !request.peer.certificate) {
      const auto known = co_await known_asker(call, proof_missing(*serial));
      if (!known) co_return forward(known);
    }
    const auto found = co_await find(context_, *serial);
    if (!found) co_return forward(found);
    const auto old = co_await read_predecessor(context_, found->record);
    if (!old) co_return forward(old);

    // Step 2. The proof, before anything else is said of the certificate; or else whose it is.
    const bool longer = *lifetime && **lifetime > longest_lifetime(*old, shared().backdate);
    auto right = co_await right_to(call, *body, *old, *lifetime, longer);
    if (!right) co_return forward(right);
    const auto csr = body->csr();
    if (!csr) co_return forward(csr);
    std::optional<access::Identity> allows;
    if (longer) {
      auto who = co_await administrator(call);
      if (!who) co_return forward(who);
      allows = *std::move(who);
    }

    // Step 3. From here on as any issuing: the view, the rules, sign, append, the verdict (libs/ca/issue).
    ca::IssueRequest asked = issue_request(call, *csr, *lifetime, *old, !longer || allows);
    asked.proof = right->proof.kind;
    asked.vouched_by = right->proof.vouched_by;
    asked.voucher = right->proof.voucher;
    if (allows) {  // who may have been revoked meanwhile: the verdict looks at the event's offset
      asked.allowed_by = allows->actor;
      right->asker.persist_by = std::min(right->asker.persist_by, allows->persist_by);
    }
    const auto issued = co_await issuer_->issue(std::move(asked), std::move(right->asker));
    if (!issued) co_return forward(issued);
    co_return api::issued_answer(*issued, request);
  }

 private:
  const Settings& settings() const { return context_.configuration.of<Settings>(); }
  const runtime::SharedSettings& shared() const { return context_.configuration.of<runtime::SharedSettings>(); }

  struct Proof {
    std::string kind = "csr";  // as the event has it
    std::optional<std::string> vouched_by{};
    std::optional<SerialNumber> voucher{};
  };
  async::Task<Result<Proof>> check_proof(const http::Request& request, const api::CsrBody& body, const Predecessor& old,
                                         const std::optional<Milliseconds>& lifetime, bool longer) {
    if (const auto signature = body.text("signature")) {
      const auto text = [&](const std::optional<Milliseconds>& covered) {
        return ca::renewal_proof_text(old.issued.serial, old.issued.renewal_challenge, body.csr_der, covered);
      };
      std::vector<std::string> texts;
      if (!longer) texts.push_back(text({}));  // which says nothing of the lifetime
      if (lifetime) texts.push_back(text(lifetime));
      const auto holds = check_signature(old.certificate, texts, *signature, body.where + "signature");
      if (!holds) co_return forward(holds);
      co_return Proof{"old-key"};
    }
    const auto presented = co_await presented_certificate(context_, request);
    if (!presented) co_return forward(presented);
    if (auto holds = check_presented(old.certificate, *presented); !holds) co_return forward(holds);
    Proof proof{"client-certificate"};
    if (const auto& voucher = (*presented)->voucher) {
      proof.vouched_by = ca::role_of(*voucher);
      proof.voucher = voucher->serial();
    }
    co_return proof;
  }

  // Who asks without a proof; of a stranger: `unproved`.
  async::Task<Result<access::Identity>> known_asker(Call& call, Failure unproved) {
    access::Credentials credentials = call.credentials();
    credentials.client_certificate.reset();  // no proof of this one, and so of nothing here
    auto who = co_await context_.access.identify(credentials);
    if (who || credentials.password) co_return who;  // a wrong password is tried once
    if (who.error().reason == "unauthenticated") co_return unproved;
    std::vector<access::Role> any;
    (void)co_await call.identify(std::move(any));  // whose token has ended is written down
    co_return who;
  }

  struct Right {
    Proof proof;
    ca::Requester asker;
  };
  // Whoever holds the key may have what he has; who asked for the certificate, what he may ask for now.
  async::Task<Result<Right>> right_to(Call& call, const api::CsrBody& body, const Predecessor& old,
                                      const std::optional<Milliseconds>& lifetime, bool longer) {
    Failure unproved = proof_missing(old.issued.serial);
    if (body.text("signature") || call.request.peer.certificate) {
      const auto proof = co_await check_proof(call.request, body, old, lifetime, longer);
      if (proof) {  // a thief proves as well as its owner does, so nothing is written down for him before his key is looked at
        if (auto trusted = co_await require_trusted_key(context_, old); !trusted) co_return forward(trusted);
        const events::Actor actor{events::Actor::Kind::certificate, old.issued.serial.hex()};
        if (auto accepted = call.proved_to_be(access::holder(actor)); !accepted) co_return forward(accepted);
        co_return Right{*proof, {.actor = actor, .profiles = {old.issued.profile}, .names = ca::NamePolicy::everything()}};
      }
      if (body.text("signature") || proof.error().code != ErrorCode::unauthenticated) co_return forward(proof);
      unproved = forward(proof);  // the client may have a certificate for other purposes
    }
    const auto asker = co_await known_asker(call, unproved);
    if (!asker) co_return forward(asker);
    if (asker->role != access::Role::requester) co_return unproved;  // of whom a proof is asked, an administrator too
    std::vector<access::Role> requester(1, access::Role::requester);
    if (auto known = co_await call.identify(std::move(requester)); !known) co_return forward(known);
    const access::Identity& who = call.who();
    if (auto yours = check_requester(who, old); !yours) co_return forward(yours);
    if (auto trusted = co_await require_trusted_key(context_, old); !trusted) co_return forward(trusted);
    co_return Right{{}, {.actor = who.actor, .profiles = who.profiles, .names = who.names, .persist_by = who.persist_by}};
  }

  // Beside the proof, which says whose the certificate is: who may have it live longer; nullopt: nobody who may.
  async::Task<Result<std::optional<access::Identity>>> administrator(const Call& call) {
    const access::Credentials credentials = call.credentials();
    auto who = co_await context_.access.identify(credentials);
    if (!who && who.error().code == ErrorCode::unavailable) co_return forward(who);
    if (!who || who->role != access::Role::administrator) co_return std::optional<access::Identity>();
    co_return std::optional(*std::move(who));
  }

  ca::IssueRequest issue_request(const Call& call, const pki::Csr& csr, const std::optional<Milliseconds>& lifetime, const Predecessor& old,
                                 bool may_be_longer) const {
    const http::Request& request = call.request;
    const Policy policy{shared().renewal_after_expiry, settings().allow_same_key, may_be_longer};
    const Milliseconds longest = longest_lifetime(old, shared().backdate);
    ca::IssueRequest asked{
        .csr = csr,
        .profile = old.issued.profile,
        .lifetime = lifetime.value_or(inherited_lifetime(old, longest, issuer_->policy().profiles)),
        .service = old.issued.service,
        .node = old.issued.node,
        .replaces = old.issued.serial,
        .instead = ca::Instead{old.certificate.alternative_names(), old.certificate.subject()},
        .rules = [old, csr, policy, longest, now = context_.clock.now()] { return check(old, csr, policy, longest, now); },
        .method = std::string(http::name(request.method)),
        .route = kRoute,
        .body_sha256 = request_sha256(csr, lifetime),
        .cause = call.cause()};
    if (const auto key = request.headers.get("Idempotency-Key")) asked.idempotency_key = std::string(*key);
    return asked;
  }

  api::ServiceContext context_;
  std::shared_ptr<ca::Issuer> issuer_;
};

}  // namespace

runtime::Service make_service(api::ServiceContext context, std::shared_ptr<ca::Issuer> issuer) {
  auto renewal = std::make_shared<Renewal>(context, issuer);
  runtime::Service service;
  service.routes = {
      {http::Method::get, kRoute, api::Access::anyone(), [renewal](Call& call) { return renewal->challenge(call); }},
      {http::Method::post, kRoute, api::Access::proof(), [renewal](Call& call) { return renewal->renew(call); }, api::Repeated::by_its_key},
  };
  service.certificate_status = runtime::status_among_decisions();
  service.background.push_back([issuer] { return ca::Issuer::keep_swept(issuer); });
  return service;
}

}  // namespace quicklime::renewal
