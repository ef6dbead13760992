#include "revocation/service.hpp"

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "ca/claims.hpp"
#include "ca/subject.hpp"
#include "http/cfssl_envelope.hpp"
#include "revocation/orders.hpp"
#include "revocation/proof.hpp"

namespace quicklime::revocation {
namespace {

using api::Answer;
using api::Call;

http::Response one(const Carried& carried) {
  auto response = http::Response::json(200, status_json(carried));
  api::set_position(response, carried.position);
  return response;
}

http::Response many(const Carried& carried) {
  auto response = http::Response::json(200, revocations_json(carried));
  api::set_position(response, carried.position);
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

// As elsewhere, or by its number (RFC 5280 section 5.3.1), which CFSSL takes too; none is unspecified.
Result<Order> order_for_cfssl(const std::string& reason) {
  if (reason.empty()) return order_for("unspecified");
  const bool number = reason.size() <= 2 && reason.find_first_not_of("0123456789") == std::string::npos;
  const auto named = number ? pki::revocation_reason(static_cast<std::uint8_t>(std::stoi(reason))) : std::nullopt;
  return order_for(named ? std::string(pki::name(*named)) : reason);
}

class Revocation {
 public:
  Revocation(api::ServiceContext context, ca::RevocationKeys keys) : context_(context), keys_(std::move(keys)) {}

  // POST /v1/certificates/{serial}/revoke
  async::Task<Answer> revoke(Call& call) {
    const http::Request& request = call.request;
    const auto serial = api::serial_parameter(request);
    if (!serial) co_return forward(serial);
    if (auto fits = co_await api::require_identity_for_large_body(context_, call); !fits) co_return forward(fits);
    const auto body = api::JsonBody::parse(request, {"reason", "secret", "signature", "same_key", "with_successors"});
    if (!body) co_return forward(body);
    auto orders = read_orders(request, *body);
    if (!orders) co_return forward(orders);
    orders->serials.assign(1, *serial);
    const auto secret = body->text("secret");
    if (!secret) co_return forward(secret);
    const auto signature = body->text("signature");
    if (!signature) co_return forward(signature);
    if (*secret && *signature) {
      co_return fail(ErrorCode::invalid, "revocation-target", "prove it by the secret or by a signature, not by both", "/signature");
    }
    if (*secret) co_return co_await by_secret(call, **secret, *std::move(orders), &one);
    if (*signature) co_return co_await by_key(call, **signature, *std::move(orders));
    co_return co_await by_identity(call, *std::move(orders), &one);
  }

  // POST /v1/certificates/{serial}/hold and release
  async::Task<Answer> hold_or_release(Call& call, Order::Act act) {
    const auto serial = api::serial_parameter(call.request);
    if (!serial) co_return forward(serial);
    if (auto empty = api::JsonBody::parse(call.request, {}); !empty) co_return forward(empty);
    Orders orders = orders_of(call.request, Order{act});
    orders.serials.assign(1, *serial);
    co_return co_await carry_out_for(call, std::move(orders), &one);
  }

  // POST /v1/revocations
  async::Task<Answer> revoke_many(Call& call) {
    const http::Request& request = call.request;
    if (auto fits = co_await api::require_identity_for_large_body(context_, call); !fits) co_return forward(fits);
    const auto body = api::JsonBody::parse(request, {"reason", "secret", "serials", "same_key", "with_successors"});
    if (!body) co_return forward(body);
    auto orders = read_orders(request, *body);
    if (!orders) co_return forward(orders);
    const auto secret = body->text("secret");
    if (!secret) co_return forward(secret);
    const auto texts = body->texts("serials");
    if (!texts) co_return forward(texts);
    if (secret->has_value() == texts->has_value()) {
      co_return fail(ErrorCode::invalid, "revocation-target",
                     "say what to revoke: either one certificate by its secret, or serials as who asked for them or as administrator");
    }
    if (*secret) co_return co_await by_secret(call, **secret, *std::move(orders), &many);
    auto serials = parse_serials(**texts);
    if (!serials) co_return forward(serials);
    orders->serials = *std::move(serials);
    co_return co_await by_identity(call, *std::move(orders), &many);
  }

  // POST /api/v1/cfssl/revoke
  async::Task<Answer> revoke_for_cfssl(Call& call) {
    const auto body = api::JsonBody::parse(call.request, {"serial", "authority_key_id", "reason"});
    if (!body) co_return forward(body);
    const auto serial_text = body->text("serial"), issuer = body->text("authority_key_id"), reason = body->text("reason");
    for (const auto* member : {&serial_text, &issuer, &reason}) {
      if (!*member) co_return forward(*member);
    }
    auto serial = SerialNumber::from_decimal(serial_text->value_or(""));
    if (!serial) {
      serial.error().field = "/serial";
      co_return forward(serial);
    }
    const auto order = order_for_cfssl(reason->value_or(""));
    if (!order) co_return forward(order);
    if (auto known = co_await require_authority(issuer->value_or("")); !known) co_return forward(known);
    Orders orders = orders_of(call.request, *order);
    orders.serials.assign(1, *serial);
    co_return co_await by_identity(call, std::move(orders), [](const Carried& carried) {
      auto response = http::cfssl_answer("{}");
      api::set_position(response, carried.position);
      return response;
    });
  }

 private:
  using Render = http::Response (*)(const Carried&);

  // A key identifier in hex: of one of this CA's authorities. Serials are random, so it says no more. None: CFSSL's clients may not know
  // it.
  async::Task<Result<void>> require_authority(std::string key_identifier) {
    std::erase(key_identifier, ':');
    if (key_identifier.empty()) co_return Result<void>();
    const auto octets = hex_decode(key_identifier);
    std::vector<views::PointKey> keys(1, ca::authorities_key());
    const auto points = co_await context_.view.get(std::move(keys));
    if (!points) co_return forward(points);
    const auto authorities = ca::decode_authorities(points->values.front());
    if (!authorities) co_return forward(authorities);
    for (const auto& authority : *authorities) {
      if (octets && authority.certificate.subject_key_identifier() == *octets) co_return Result<void>();
    }
    co_return fail(ErrorCode::not_found, "authority-unknown", "no authority of this CA has this key identifier", "/authority_key_id");
  }

  static Orders orders_of(const http::Request& request, Order order) {
    return {.order = order, .serials = {}, .actor = {}, .cause = {request.id}, .wait = api::preferred_wait(request)};
  }

  static Result<Orders> read_orders(const http::Request& request, const api::JsonBody& body) {
    const auto reason = body.text("reason");
    if (!reason) return forward(reason);
    const auto order = *reason ? order_for(**reason) : Result<Order>(Order{Order::Act::revoke});
    if (!order) return forward(order);
    const auto same_key = body.flag("same_key");
    if (!same_key) return forward(same_key);
    const auto with_successors = body.flag("with_successors");
    if (!with_successors) return forward(with_successors);
    Orders orders = orders_of(request, *order);
    orders.scope = {*same_key, *with_successors};
    return orders;
  }

  async::Task<Answer> carry_out_by(const Call& call, Orders orders, Render render) {
    orders.actor = call.who().actor;
    orders.cause = call.cause();
    if (const auto key = call.request.headers.get("Idempotency-Key")) {
      auto once = ca::command_key(orders.actor, http::name(call.request.method), call.request.route, *key);
      if (!once) co_return forward(once);
      orders.command = Command{*std::move(once), orders_sha256(orders)};
    }
    const auto carried = co_await carry_out(context_, once_keys_, std::move(orders));
    if (!carried) co_return forward(carried);
    co_return render(*carried);
  }

  // The secret is enough by itself. Nothing is read and nothing written before it has proved good: whoever guesses can
  // neither make the log grow nor learn which serials exist.
  async::Task<Answer> by_secret(Call& call, const std::string& secret, Orders orders, Render render) {
    const auto serial = keys_.verify(secret);
    if (!serial) co_return forward(serial);
    if (!orders.serials.empty() && orders.serials.front() != *serial) {
      co_return fail(ErrorCode::unauthenticated, "revocation-secret-wrong", "the revocation secret is not one of this certificate",
                     "/secret");
    }
    if (auto accepted = call.proved_to_be(access::holder({events::Actor::Kind::revocation_secret, serial->hex()})); !accepted)
      co_return forward(accepted);
    if (auto covered = secret_covers(orders.order, orders.scope); !covered) co_return forward(covered);
    orders.serials.assign(1, *serial);
    co_return co_await carry_out_by(call, std::move(orders), render);
  }

  // What was said of the secret holds of the signature, but that the certificate must be read to check it.
  async::Task<Answer> by_key(Call& call, const std::string& signature, Orders orders) {
    if (auto covered = key_covers(orders.order, orders.scope); !covered) co_return forward(covered);
    const SerialNumber serial = orders.serials.front();
    const auto proved = co_await check_signature(context_, serial, orders.order, signature);
    if (!proved) co_return forward(proved);
    if (auto accepted = call.proved_to_be(access::holder({events::Actor::Kind::certificate, serial.hex()})); !accepted)
      co_return forward(accepted);
    co_return co_await carry_out_by(call, std::move(orders), &one);
  }

  // An administrator and an agent any, a requester those that he asked for.
  async::Task<Answer> by_identity(Call& call, Orders orders, Render render) {
    std::vector<access::Role> roles{access::Role::administrator, access::Role::agent, access::Role::requester};
    if (auto known = co_await call.identify(std::move(roles)); !known) co_return forward(known);
    if (call.who().role == access::Role::requester) {
      if (auto covered = requester_covers(orders.order, orders.scope); !covered) co_return forward(covered);
      orders.only_of = ca::requester_text(call.who().actor);
    }
    co_return co_await carry_out_for(call, std::move(orders), render);
  }

  async::Task<Answer> carry_out_for(const Call& call, Orders orders, Render render) {
    orders.persist_by = call.who().persist_by;
    orders.identified = true;
    orders.look_at = kLookedAtForAdministrators;
    co_return co_await carry_out_by(call, std::move(orders), render);
  }

  api::ServiceContext context_;
  ca::RevocationKeys keys_;
  ca::OnceKeys once_keys_;
};

}  // namespace

runtime::Service make_service(api::ServiceContext context, ca::RevocationKeys revocation_keys) {
  auto revocation = std::make_shared<Revocation>(context, std::move(revocation_keys));
  using Act = Order::Act;
  runtime::Service service;
  const auto administrator = api::Access::identified({access::Role::administrator, access::Role::agent});
  const auto post = [](std::string path, api::Access who, auto handler) {
    return api::Route{http::Method::post, std::move(path), std::move(who), std::move(handler), api::Repeated::by_its_key};
  };
  service.routes = {
      post("/v1/certificates/{serial}/revoke", api::Access::proof(), [revocation](Call& call) { return revocation->revoke(call); }),
      post("/v1/revocations", api::Access::proof(), [revocation](Call& call) { return revocation->revoke_many(call); }),
      post("/v1/certificates/{serial}/hold", administrator,
           [revocation](Call& call) { return revocation->hold_or_release(call, Act::hold); }),
      post("/v1/certificates/{serial}/release", administrator,
           [revocation](Call& call) { return revocation->hold_or_release(call, Act::release); }),
      post("/api/v1/cfssl/revoke", api::Access::identified({access::Role::administrator, access::Role::agent, access::Role::requester}),
           [revocation](Call& call) { return revocation->revoke_for_cfssl(call); }),
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
