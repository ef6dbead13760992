#include "revocation/service.hpp"

#include "revocation/orders.hpp"
#include "runtime/request_input.hpp"
#include "runtime/requests.hpp"

namespace quicklime::revocation {
namespace {

using Answer = Result<http::Response>;
constexpr std::size_t kMaximumSerials = 500;

http::Response one(const Carried& carried) {
  auto response = http::Response::json(200, status_json(carried.answers.front()));
  runtime::set_position(response, carried.position);
  return response;
}

http::Response many(const Carried& carried) {
  auto response = http::Response::json(200, revocations_json(carried.answers, carried.position));
  runtime::set_position(response, carried.position);
  return response;
}

// "serials": named, all well-formed, and not more than one request may carry.
Result<std::vector<SerialNumber>> parse_serials(const std::vector<std::string>& texts) {
  if (texts.empty() || texts.size() > kMaximumSerials) {
    return fail(ErrorCode::invalid, "serials-count",
                "name 1 to " + std::to_string(kMaximumSerials) + " serials in one request; these are " + std::to_string(texts.size()),
                "/serials");
  }
  std::vector<SerialNumber> serials;
  serials.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto serial = SerialNumber::from_hex(texts[i]);
    if (!serial) {
      serial.error().field = "/serials/" + std::to_string(i);
      return forward(serial);
    }
    serials.push_back(*serial);
  }
  return serials;
}

class Role {
 public:
  Role(runtime::ServiceContext context, std::shared_ptr<const ca::RevocationKey> key) : context_(context), key_(std::move(key)) {}

  // POST /v1/certificates/{serial}/revoke
  async::Task<Answer> revoke(const http::Request& request) {
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    const auto serial = runtime::serial_parameter(request);
    if (!serial) co_return forward(serial);
    const auto body = runtime::JsonBody::parse(request, {"reason", "secret"});
    if (!body) co_return forward(body);
    const auto order = read_order(*body);
    if (!order) co_return forward(order);
    const auto secret = body->text("secret");
    if (!secret) co_return forward(secret);
    if (*secret) co_return co_await by_secret(request, **secret, *order, *serial, &one);
    std::vector<SerialNumber> serials{*serial};
    co_return co_await as_administrator(request, *order, std::move(serials), &one);
  }

  // POST /v1/certificates/{serial}/hold and release
  async::Task<Answer> hold_or_release(const http::Request& request, Order::Act act) {
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    const auto serial = runtime::serial_parameter(request);
    if (!serial) co_return forward(serial);
    if (auto empty = runtime::JsonBody::parse(request, {}); !empty) co_return forward(empty);
    const Order order{act};
    std::vector<SerialNumber> serials{*serial};
    co_return co_await as_administrator(request, order, std::move(serials), &one);
  }

  // POST /v1/revocations
  async::Task<Answer> revoke_many(const http::Request& request) {
    const auto fresh = co_await runtime::at_least_min_position(context_, request);
    if (!fresh) co_return forward(fresh);
    const auto body = runtime::JsonBody::parse(request, {"reason", "secret", "serials"});
    if (!body) co_return forward(body);
    const auto order = read_order(*body);
    if (!order) co_return forward(order);
    const auto secret = body->text("secret");
    if (!secret) co_return forward(secret);
    const auto texts = body->texts("serials");
    if (!texts) co_return forward(texts);
    if (secret->has_value() == texts->has_value()) {
      co_return fail(ErrorCode::invalid, "revocation-target",
                     "say what to revoke: either one certificate by its secret, or serials as administrator");
    }
    if (*secret) co_return co_await by_secret(request, **secret, *order, std::nullopt, &many);
    auto serials = parse_serials(**texts);
    if (!serials) co_return forward(serials);
    co_return co_await as_administrator(request, *order, *std::move(serials), &many);
  }

 private:
  using Render = http::Response (*)(const Carried&);

  static Result<Order> read_order(const runtime::JsonBody& body) {
    const auto reason = body.text("reason");
    if (!reason) return forward(reason);
    return order_for(reason->value_or(""));
  }

  // The secret is enough by itself. Nothing is read and nothing written before it has proved good: whoever guesses can
  // neither make the log grow nor learn which serials exist.
  async::Task<Answer> by_secret(const http::Request& request, const std::string& secret, Order order, std::optional<SerialNumber> named,
                                Render render) {
    const auto serial = key_->verify(secret);
    if (!serial) co_return forward(serial);
    if (named && *named != *serial) {
      co_return fail(ErrorCode::unauthenticated, "revocation-secret-wrong", "the revocation secret is not one of this certificate",
                     "/secret");
    }
    if (order.act != Order::Act::revoke) {
      co_return fail(ErrorCode::denied, "hold-by-secret", "a revocation secret revokes for good; a hold needs an administrator", "/reason");
    }
    events::Actor actor{"revocation-secret", serial->hex()};
    std::vector<SerialNumber> serials{*serial};
    const auto carried =
        co_await carry_out(context_, order, std::move(serials), std::move(actor), request.id, runtime::preferred_wait(request));
    if (!carried) co_return forward(carried);
    co_return render(*carried);
  }

  async::Task<Answer> as_administrator(const http::Request& request, Order order, std::vector<SerialNumber> serials, Render render) {
    std::function<async::Task<Answer>(const access::Identity&)> handler = [&, this](const access::Identity& who) {
      return carry_out_for(request, who, order, serials, render);
    };
    co_return co_await runtime::authorized(context_, request, std::move(handler));
  }

  async::Task<Answer> carry_out_for(const http::Request& request, const access::Identity& who, Order order,
                                    std::vector<SerialNumber> serials, Render render) {
    if (auto allowed = access::require(who, {access::Role::administrator}); !allowed) co_return forward(allowed);
    events::Actor actor = who.actor;
    const auto carried =
        co_await carry_out(context_, order, std::move(serials), std::move(actor), request.id, runtime::preferred_wait(request));
    if (!carried) co_return forward(carried);
    co_return render(*carried);
  }

  runtime::ServiceContext context_;
  std::shared_ptr<const ca::RevocationKey> key_;
};

}  // namespace

runtime::Service make_service(runtime::ServiceContext context, std::shared_ptr<const ca::RevocationKey> revocation_key) {
  auto role = std::make_shared<Role>(context, std::move(revocation_key));
  using Act = Order::Act;
  runtime::Service service;
  service.routes = {
      {http::Method::post, "/v1/certificates/{serial}/revoke", [role](const http::Request& request) { return role->revoke(request); }},
      {http::Method::post, "/v1/certificates/{serial}/hold",
       [role](const http::Request& request) { return role->hold_or_release(request, Act::hold); }},
      {http::Method::post, "/v1/certificates/{serial}/release",
       [role](const http::Request& request) { return role->hold_or_release(request, Act::release); }},
      {http::Method::post, "/v1/revocations", [role](const http::Request& request) { return role->revoke_many(request); }},
  };
  service.certificate_status = {[](const AuthorityId&, const SerialNumber& serial) { return certificate_key(serial); },
                                [](std::string_view value) -> Result<ca::Status> {
                                  const auto record = decode_record(value);
                                  if (!record) return forward(record);
                                  return record->status;
                                }};
  return service;
}

}  // namespace quicklime::revocation
