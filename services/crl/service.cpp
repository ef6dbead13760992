#include "crl/service.hpp"

#include <algorithm>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/encoding.hpp"
#include "ca/authority.hpp"
#include "crl/authority_changes.hpp"
#include "crl/authority_revocation.hpp"
#include "crl/current_crls.hpp"
#include "crl/expiration.hpp"
#include "crl/publisher.hpp"
#include "crl/signed_elsewhere.hpp"
#include "http/cfssl_envelope.hpp"
#include "http/message.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

using api::Answer;
using api::Call;
using http::Request;
using http::Response;
using Authorities = std::vector<ca::Authority>;

// A CRL changes when something is revoked: caches ask again soon, and mostly get a 304.
constexpr Milliseconds kCrlAge{60'000};
constexpr Milliseconds kCertificateAge{86'400'000};
constexpr Milliseconds kBetweenReadings{1'000};

std::string etag_of(std::string_view bytes) { return '"' + hex_encode(crypto::view(crypto::sha256(bytes)).substr(0, 16)) + '"'; }

// What caches may do with it, and 304 for those who have it (RFC 9110 section 13).
struct Cacheable {
  const char* type;
  const std::string& body;
  std::string etag;
  Instant modified;
  Milliseconds age;
};
Response respond(const Request& request, const Cacheable& content, Position position) {
  const auto modified = http::http_date(content.modified);
  const auto match = request.headers.get("If-None-Match");
  const bool unchanged = match ? *match == "*" || match->find(content.etag) != std::string_view::npos
                               : request.headers.get("If-Modified-Since") == std::optional<std::string_view>(modified);
  Response response;
  if (unchanged) {
    response.status = 304;
  } else {
    response = Response::of(200, content.type, content.body);
  }
  response.headers.set("ETag", content.etag);
  response.headers.set("Last-Modified", modified);
  response.headers.set("Cache-Control", "public, max-age=" + std::to_string(content.age.count() / 1000));
  api::set_position(response, position);
  return response;
}

class CrlDistribution {
 public:
  CrlDistribution(const api::ServiceContext& context, Publisher::Keys keys, runtime::ClockWatch& clocks)
      : context_(context),
        published_(context.view),
        current_(context, published_),
        publisher_(context, keys, published_),
        expiration_(context, clocks),
        elsewhere_(context, publisher_),
        revocation_(context),
        changes_(context, std::move(keys)) {}

  async::Task<void> publish() { return publisher_.run(); }
  async::Task<void> expire() { return expiration_.run(); }
  SignedElsewhere& elsewhere() { return elsewhere_; }
  AuthorityRevocation& revocation() { return revocation_; }
  AuthorityChanges& changes() { return changes_; }

  std::vector<runtime::Expiry> expiries() const {
    std::vector<runtime::Expiry> expiries;
    for (const auto& [scope, crl] : published_.newest()) {
      // Backdating is no part of its life: one of a few seconds would be old at birth.
      const auto from = std::min(crl->this_update + context_.configuration.of<runtime::SharedSettings>().backdate, crl->next_update);
      expiries.push_back({"crl " + scope.text(), from, crl->next_update,
                          publisher_.signs(scope) ? "it is published anew by itself, and the log of this process says why not"
                                                  : "bring its key and run `quicklime ca sign-crl`",
                          publisher_.fault(scope)});
    }
    for (auto& authority : runtime::expiries_of(publisher_.authorities())) expiries.push_back(std::move(authority));
    return expiries;
  }

  // Also what nobody has asked for is there when the view cannot be read any more.
  async::Task<void> keep_current() {
    for (;;) {
      if (const auto authorities = co_await current_.authorities()) {
        for (const auto& authority : *authorities->all) (void)co_await current_.find(authority.id);
      }
      co_await async::sleep_for(kBetweenReadings);
    }
  }

  async::Task<Answer> crl(Call& call) {
    const Request& request = call.request;
    const AuthorityId id(request.parameters.at("authority"));
    const auto current = co_await current_.find(id, call.at_least, api::kPositionWait);
    if (!current) co_return forward(current);
    const auto& crl = *current->crl;
    const auto left = std::max(Milliseconds(0), crl.next_update - context_.clock.now());
    co_return respond(request, {"application/pkix-crl", crl.der, crl.etag, crl.this_update, std::min(kCrlAge, left)}, current->position);
  }

  // GET /api/v1/cfssl/crl: of the authority that issues, as base64 of its DER. How long it lives is the CA's to say.
  async::Task<Answer> crl_for_cfssl(Call& call) {
    if (auto none = api::only_parameters(call.request, {}); !none) co_return forward(none);
    const auto authorities = co_await current_.authorities();
    if (!authorities) co_return forward(authorities);
    const auto& all = *authorities->all;
    const auto issuing = std::find_if(all.rbegin(), all.rend(), [](const auto& one) { return one.parent && !one.retired; });
    if (issuing == all.rend()) co_return unknown_authority(AuthorityId("issuing"));
    const auto current = co_await current_.find(issuing->id, call.at_least, api::kPositionWait);
    if (!current) co_return forward(current);
    auto response = http::cfssl_answer('"' + base64_encode(current->crl->der) + '"');
    api::set_position(response, current->position);
    co_return response;
  }

  async::Task<Answer> certificate(Call& call) {
    return certificates(call.request, "application/pkix-cert", [](const Authorities& all, const AuthorityId& id) -> Result<Served> {
      const auto* authority = find(all, id);
      if (!authority) return unknown_authority(id);
      return Served{authority->certificate.der(), authority->certificate.not_before()};
    });
  }

  async::Task<Answer> chain(Call& call) {
    return certificates(call.request, "application/pem-certificate-chain",
                        [](const Authorities& all, const AuthorityId& id) -> Result<Served> {
                          const auto* authority = find(all, id);
                          if (!authority) return unknown_authority(id);
                          return Served{ca::pem(ca::chain_of(id, all, ca::Root::included)), authority->certificate.not_before()};
                        });
  }

  async::Task<Answer> roots(Call& call) {
    return certificates(call.request, "application/pem-certificate-chain",
                        [](const Authorities& all, const AuthorityId&) -> Result<Served> {
                          std::vector<pki::Certificate> roots;
                          auto modified = Instant::from_seconds(0);
                          for (const auto& authority : all) {
                            if (authority.parent || authority.retired) continue;
                            roots.push_back(authority.certificate);
                            modified = std::max(modified, authority.certificate.not_before());
                          }
                          return Served{ca::pem(roots), modified};
                        });
  }

 private:
  struct Served {
    std::string body;
    Instant modified;
  };
  using Choose = Result<Served> (*)(const Authorities& all, const AuthorityId& id);

  async::Task<Answer> certificates(const Request& request, const char* type, Choose choose) {
    const auto authorities = co_await current_.authorities();
    if (!authorities) co_return forward(authorities);
    const auto named = request.parameters.find("authority");
    const auto served = choose(*authorities->all, AuthorityId(named == request.parameters.end() ? "" : named->second));
    if (!served) co_return forward(served);
    co_return respond(request, {type, served->body, etag_of(served->body), served->modified, kCertificateAge}, authorities->position);
  }

  api::ServiceContext context_;
  PublishedCrls published_;
  CurrentCrls current_;
  Publisher publisher_;
  Expiration expiration_;
  SignedElsewhere elsewhere_;
  AuthorityRevocation revocation_;
  AuthorityChanges changes_;
};

}  // namespace

runtime::Service make_service(api::ServiceContext context, Publisher::Keys keys, runtime::ClockWatch& clocks) {
  auto crls = std::make_shared<CrlDistribution>(context, std::move(keys), clocks);
  const auto get = [](std::string path, auto handler) {
    return api::Route{http::Method::get, std::move(path), api::Access::anyone(), std::move(handler)};
  };
  const auto administrator = api::Access::identified({access::Role::administrator});
  runtime::Service service;
  service.public_routes = {
      get("/crl/{authority}.crl", [crls](Call& call) { return crls->crl(call); }),
      get("/ca/{authority}.crt", [crls](Call& call) { return crls->certificate(call); }),
      get("/ca/{authority}.pem", [crls](Call& call) { return crls->chain(call); }),
      get("/ca/roots.pem", [crls](Call& call) { return crls->roots(call); }),
  };
  service.routes = {get("/api/v1/cfssl/crl", [crls](Call& call) { return crls->crl_for_cfssl(call); })};
  service.certificate_status = {[](const AuthorityId& authority, const SerialNumber& serial) {
                                  return views::PointKey{kCertificateSpace, certificate_key(authority, serial)};
                                },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto certificate = decode_certificate(value);
                                  if (!certificate) return forward(certificate);
                                  return certificate->status;
                                }};
  // Once published or revoked, the same again is answered the same.
  service.control_routes = {
      {http::Method::get, "/control/crl", administrator, [crls](Call& call) { return crls->elsewhere().request(call); }},
      {http::Method::post, "/control/crl", administrator, [crls](Call& call) { return crls->elsewhere().publish(call); }},
      {http::Method::post, "/control/authorities/{authority}/revoke", administrator,
       [crls](Call& call) { return crls->revocation().revoke(call); }},
      {http::Method::get, "/control/authorities", administrator, [crls](Call& call) { return crls->changes().list(call); }},
      {http::Method::post, "/control/authorities", administrator, [crls](Call& call) { return crls->changes().add(call); }},
      {http::Method::post, "/control/authorities/{authority}/retire", administrator,
       [crls](Call& call) { return crls->changes().retire(call); }},
  };
  service.background = {[crls] { return crls->publish(); }, [crls] { return crls->keep_current(); }, [crls] { return crls->expire(); }};
  service.expiries = [crls] { return crls->expiries(); };
  return service;
}

}  // namespace quicklime::crl
