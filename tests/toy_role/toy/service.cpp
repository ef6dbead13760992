#include "toy/service.hpp"

#include "ca/decisions.hpp"
#include "runtime/requests.hpp"
#include "toy/view.hpp"

namespace quicklime::toy {
namespace {

using Answer = Result<http::Response>;
using access::Role;

class Toy {
 public:
  explicit Toy(const runtime::ServiceContext& context) : context_(context) {}

  async::Task<Answer> play(const http::Request& request, const access::Identity& who) {
    if (auto allowed = access::require(who, {Role::administrator, Role::requester}); !allowed) co_return forward(allowed);
    eventlog::Draft draft{
        .actor = who.actor, .request = request.id, .subject = "toy", .data = events::Ignored{kPlayed}, .persist_by = who.persist_by};
    const auto appended = co_await context_.writer.append(std::move(draft));
    if (!appended) co_return forward(appended);
    auto response = http::Response::json(201, "{\"position\":\"" + appended->position.text() + "\"}");
    runtime::set_position(response, appended->position);
    co_return response;
  }

  async::Task<Answer> show(const http::Request&, const access::Identity&) {
    std::vector<views::PointKey> keys(1, count_key());
    const auto points = co_await context_.view.get(std::move(keys));
    if (!points) co_return forward(points);
    const auto count = decode_count(points->values.front());
    if (!count) co_return forward(count);
    auto response = http::Response::json(200, "{\"played\":" + std::to_string(*count) + "}");
    runtime::set_position(response, points->meta.anchor.position);
    co_return response;
  }

  using Handle = async::Task<Answer> (Toy::*)(const http::Request&, const access::Identity&);
  async::Task<Answer> answer(Handle handle, const http::Request& request) {
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    std::function<async::Task<Answer>(const access::Identity&)> handler = [this, handle, &request](const access::Identity& who) {
      return (this->*handle)(request, who);
    };
    co_return co_await runtime::authorized(context_, request, std::move(handler));
  }

 private:
  runtime::ServiceContext context_;
};

}  // namespace

runtime::Service make_service(runtime::ServiceContext context) {
  const auto toy = std::make_shared<Toy>(context);
  runtime::Service service;
  service.routes = {{http::Method::post, "/v1/toy", [toy](const http::Request& request) { return toy->answer(&Toy::play, request); }},
                    {http::Method::get, "/v1/toy", [toy](const http::Request& request) { return toy->answer(&Toy::show, request); }}};
  service.certificate_status = {[](const AuthorityId&, const SerialNumber& serial) { return ca::certificate_key(serial); },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto record = ca::decode_certificate_record(value);
                                  if (!record) return forward(record);
                                  return record->status;
                                }};
  return service;
}

}  // namespace quicklime::toy
