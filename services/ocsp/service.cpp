#include "ocsp/service.hpp"

#include <array>

#include "api/requests.hpp"
#include "http/message.hpp"
#include "ocsp/get_path.hpp"
#include "ocsp/responder.hpp"

namespace quicklime::ocsp {
namespace {

using api::Answer;
using api::Call;
using http::Request;
using http::Response;

constexpr const char* kType = "application/ocsp-response";

class Ocsp {
 public:
  Ocsp(const api::ServiceContext& context, CurrentResponder current) : context_(context), responder_(context, std::move(current)) {
    for (std::size_t kind = 0; kind < kKinds.size(); ++kind) {
      replies_[kind] = &context.metrics.counter("quicklime_ocsp_replies_total", "OCSP replies by what they say", {{"reply", kKinds[kind]}});
    }
  }

  async::Task<Answer> post(Call& call) {
    const Request& request = call.request;
    std::vector<pki::OcspRequest> read;
    if (auto one = pki::OcspRequest::parse(request.body)) read.push_back(*std::move(one));
    const auto reply = co_await responder_.reply(std::move(read), call.at_least);
    co_return answer(request, reply);
  }

  async::Task<Answer> get(Call& call) {
    const Request& request = call.request;
    auto readings = requests_in_path(request.parameters.at("request"));
    const auto reply = co_await responder_.reply(std::move(readings), call.at_least);
    co_return answer(request, reply);
  }

  void applied(const views::Applied& applied) { responder_.applied(applied); }

 private:
  static constexpr std::array<const char*, 6> kKinds{"known", "unknown", "unauthorized", "try_later", "internal_error", "malformed"};

  // RFC 5019 section 6.2. POST answers are not kept by caches, so only GET says how long they may be.
  Response answer(const Request& request, const Reply& reply) {
    replies_[static_cast<std::size_t>(reply.kind)]->add();
    if (!reply.answer) {
      // A daemon stands behind a gateway, which asks another replica then, and says 200 when none can answer (scripts/gateway.py).
      const bool ask_another = reply.kind == Reply::Kind::try_later && context_.view.notified() == views::View::Notified::by_polling;
      auto response = Response::of(ask_another ? 503 : 200, kType, reply.der());
      if (ask_another) response.headers.set("Retry-After", "1");
      response.headers.set("Cache-Control", "no-store");
      return response;
    }
    if (request.method == http::Method::post) return Response::of(200, kType, reply.der());

    const auto& answer = *reply.answer;
    const auto known = request.headers.get("If-None-Match");
    const bool unchanged = known && (*known == "*" || known->find(answer.etag) != std::string_view::npos);
    Response response;
    if (unchanged) {
      response.status = 304;
    } else {
      response = Response::of(200, kType, answer.der);
    }
    const auto seconds = std::max<std::int64_t>(0, (answer.refresh_at - context_.clock.now()).count() / 1000);
    response.headers.set("Cache-Control", "max-age=" + std::to_string(seconds) + ", public, no-transform, must-revalidate");
    response.headers.set("ETag", answer.etag);
    response.headers.set("Last-Modified", answer.last_modified);
    response.headers.set("Expires", answer.expires);
    return response;
  }

  api::ServiceContext context_;
  Responder responder_;
  std::array<metrics::Counter*, kKinds.size()> replies_{};
};

}  // namespace

runtime::Service make_service(api::ServiceContext context, CurrentResponder responder) {
  auto ocsp = std::make_shared<Ocsp>(context, std::move(responder));
  runtime::Service service;
  service.public_routes = {
      {http::Method::post, "/ocsp", api::Access::anyone(), [ocsp](Call& call) { return ocsp->post(call); }},
      {http::Method::get, "/ocsp/{request...}", api::Access::anyone(), [ocsp](Call& call) { return ocsp->get(call); }},
      // Clients that put a slash behind the URL of the certificate. What else stands there is nothing to a request in the body.
      {http::Method::post, "/ocsp/{request...}", api::Access::anyone(), [ocsp](Call& call) { return ocsp->post(call); }},
  };
  service.certificate_status = {[](const AuthorityId& authority, const SerialNumber& serial) {
                                  return views::PointKey{kStatusSpace, status_key(authority, serial)};
                                },
                                &ca::decode_status};
  service.on_applied = [ocsp](const views::Applied& applied) { ocsp->applied(applied); };
  return service;
}

}  // namespace quicklime::ocsp
