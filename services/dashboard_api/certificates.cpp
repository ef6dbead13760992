#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/subject.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/routes.hpp"
#include "dashboard_api/service_json.hpp"

namespace quicklime::dashboard_api {
namespace {

// The serial as hex, and as decimal where it can be read so: step-ca and cfssl print decimals.
Result<std::vector<SerialNumber>> candidates(const http::Request& request) {
  const auto hex = api::serial_parameter(request);
  const auto decimal = SerialNumber::from_decimal(request.parameters.at("serial"));
  std::vector<SerialNumber> serials;
  if (hex) serials.push_back(*hex);
  if (decimal) serials.push_back(*decimal);
  if (serials.empty()) return forward(hex);
  return serials;
}

class Certificates {
 public:
  explicit Certificates(const api::ServiceContext& context) : context_(context) {}

  async::Task<Answer> list(Call& call) {
    const http::Request& request = call.request;
    const access::Identity& who = call.who();
    auto question = read_question(request, who);
    if (!question) co_return forward(question);
    if (question->as_of) {
      auto moment = co_await resolve(*question->as_of, context_);
      if (!moment) co_return forward(moment);
      question->as_of = *std::move(moment);
    }
    const Instant now = context_.clock.now();
    const auto page = co_await dashboard_api::list(context_.view, *question, now);
    if (!page) co_return forward(page);
    auto response = http::Response::json(200, page_json(*page, question->as_of, now));
    api::set_position(response, page->meta.anchor.position);
    co_return response;
  }

  async::Task<Answer> show(Call& call) {
    const http::Request& request = call.request;
    const access::Identity& who = call.who();
    const auto serials = candidates(request);
    if (!serials) co_return forward(serials);
    auto moment = co_await moment_of(request);
    if (!moment) co_return forward(moment);
    std::vector<views::PointKey> keys{ca::authorities_key(), forgotten_key()};
    for (const auto& serial : *serials) {
      keys.push_back(certificate_key(serial));
      keys.push_back(der_key(serial));
    }
    const auto points = co_await context_.view.get(std::move(keys));
    if (!points) co_return forward(points);
    const auto authorities = ca::decode_authorities(points->values[0]);
    if (!authorities) co_return forward(authorities);
    for (std::size_t i = 2; i < points->values.size(); i += 2) {
      if (!points->values[i] || !points->values[i + 1]) continue;
      auto certificate = decode_certificate(*points->values[i]);
      if (!certificate) co_return forward(certificate);
      // To who sees its own alone, what others asked for does not exist: whether a serial does is nobody's business either.
      if (access::row(who.role).sees != access::Sees::everything &&
          ca::requester_text(certificate->requester) != ca::requester_text(who.actor))
        continue;
      if (*moment) {
        auto then = as_of(*certificate, **moment);
        if (!then) co_return fail(ErrorCode::not_found, "certificate-unknown", "it had not been issued at " + (*moment)->text, "serial");
        *certificate = *std::move(then);
      }
      auto chain = ca::chain_of(certificate->authority, *authorities, ca::Root::left_out);
      const Detail detail{*std::move(certificate), *points->values[i + 1], std::move(chain), *moment};
      auto response = http::Response::json(200, detail_json(detail, points->meta, context_.clock.now()));
      api::set_position(response, points->meta.anchor.position);
      co_return response;
    }
    const auto forgotten = forgotten_before(points->values[1]);
    co_return fail(ErrorCode::not_found, "certificate-unknown",
                   "no certificate with the serial " + serials->front().hex() + " is known here, as of position " +
                       points->meta.anchor.position.text() +
                       (forgotten ? "; what ended before " + forgotten->rfc3339_seconds() + " is in the log alone" : ""),
                   "serial");
  }

 private:
  async::Task<Result<std::optional<Moment>>> moment_of(const http::Request& request) {
    if (auto known = api::only_parameters(request, {"as_of"}); !known) co_return forward(known);
    const auto text = request.query.find("as_of");
    if (text == request.query.end()) co_return std::nullopt;
    auto parsed = parse_moment(text->second);
    if (!parsed) co_return forward(parsed);
    auto resolved = co_await resolve(*std::move(parsed), context_);
    if (!resolved) co_return forward(resolved);
    co_return std::optional(*std::move(resolved));
  }

  api::ServiceContext context_;
};

}  // namespace

std::vector<api::Route> certificate_routes(const api::ServiceContext& context) {
  auto certificates = std::make_shared<Certificates>(context);
  return {{http::Method::get, "/v1/certificates", people(), [certificates](Call& call) { return certificates->list(call); }},
          {http::Method::get, "/v1/certificates/{serial}", people(), [certificates](Call& call) { return certificates->show(call); }}};
}

}  // namespace quicklime::dashboard_api
