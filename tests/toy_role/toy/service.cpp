#include "toy/service.hpp"

#include "api/requests.hpp"
#include "ca/decisions.hpp"
#include "toy/settings.hpp"
#include "toy/view.hpp"

namespace quicklime::toy {
namespace {

using access::Role;
using api::Answer;

class Toy {
 public:
  explicit Toy(const api::ServiceContext& context) : context_(context) {}

  async::Task<Answer> play(api::Call& call) {
    if (context_.configuration.of<Settings>().put_away) co_return fail(ErrorCode::conflict, "toy-put-away", "nobody may play");
    const access::Identity& who = call.who();
    eventlog::Draft draft{
        .actor = who.actor, .cause = call.cause(), .subject = "toy", .data = events::Ignored{kPlayed}, .persist_by = who.persist_by};
    const auto appended = co_await context_.writer.append(std::move(draft));
    if (!appended) co_return forward(appended);
    auto response = http::Response::json(201, "{\"position\":\"" + appended->position.text() + "\"}");
    api::set_position(response, appended->position);
    co_return response;
  }

  async::Task<Answer> show() {
    std::vector<views::PointKey> keys(1, count_key());
    const auto points = co_await context_.view.get(std::move(keys));
    if (!points) co_return forward(points);
    const auto count = decode_count(points->values.front());
    if (!count) co_return forward(count);
    auto response = http::Response::json(200, "{\"played\":" + std::to_string(*count) + "}");
    api::set_position(response, points->meta.anchor.position);
    co_return response;
  }

 private:
  api::ServiceContext context_;
};

}  // namespace

runtime::Service make_service(const api::ServiceContext& context) {
  using api::Access, api::Repeated;
  const auto toy = std::make_shared<Toy>(context);
  runtime::Service service;
  service.routes = {{http::Method::post, "/v1/toy", Access::identified({Role::administrator, Role::requester}),
                     [toy](api::Call& call) { return toy->play(call); }, Repeated::happens_again},
                    {http::Method::get, "/v1/toy", Access::identified({Role::administrator, Role::requester, Role::auditor}),
                     [toy](api::Call&) { return toy->show(); }}};
  service.certificate_status = {[](const AuthorityId&, const SerialNumber& serial) { return ca::certificate_key(serial); },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto record = ca::decode_certificate_record(value);
                                  if (!record) return forward(record);
                                  return record->status;
                                }};
  return service;
}

}  // namespace quicklime::toy
