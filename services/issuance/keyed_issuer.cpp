#include "issuance/keyed_issuer.hpp"

#include "api/requests.hpp"
#include "base/logging.hpp"
#include "ca/decisions.hpp"
#include "crypto/random.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::issuance {
namespace {

using std::chrono::steady_clock;
constexpr auto kMayStillLand = std::chrono::minutes(10);

// A certificate that may be in the log, and whose key somebody is to get. Unless it is known that he has, or that there is none, it is
// lost.
class UnderWay {
 public:
  UnderWay(std::shared_ptr<AnswersUnderWay> all, const SerialNumber& serial) : all_(std::move(all)), serial_(serial) {}
  ~UnderWay() {
    if (!over_) all_->lost(serial_);
  }
  UnderWay(const UnderWay&) = delete;
  UnderWay& operator=(const UnderWay&) = delete;
  void over() { over_ = true; }

 private:
  const std::shared_ptr<AnswersUnderWay> all_;
  const SerialNumber serial_;
  bool over_ = false;
};

// One piece, and whether it was sent.
class KeyBody final : public http::BodyStream {
 public:
  KeyBody(Secret body, std::unique_ptr<UnderWay> answer) : body_(std::move(body)), answer_(std::move(answer)) {}
  async::Task<Result<std::optional<std::string>>> next() override {
    if (body_.empty()) co_return std::optional<std::string>();
    std::string piece(body_.reveal());
    body_ = Secret();
    co_return std::optional(std::move(piece));
  }
  void sent() override { answer_->over(); }

 private:
  Secret body_;
  const std::unique_ptr<UnderWay> answer_;
};

}  // namespace

void AnswersUnderWay::lost(const SerialNumber& serial) { again({serial, steady_clock::now()}); }

std::vector<AnswersUnderWay::Lost> AnswersUnderWay::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(lost_, {});
}

void AnswersUnderWay::again(Lost lost) {
  const std::lock_guard lock(mutex_);
  lost_.push_back(lost);
}

KeyedIssuer::KeyedIssuer(const api::ServiceContext& context, std::shared_ptr<ca::Issuer> issuer)
    : context_(context), issuer_(std::move(issuer)) {}

Result<void> KeyedIssuer::makes_keys_for(const std::string& name) const {
  const auto profile = ca::find_profile(issuer_->policy().profiles, name);
  if (!profile) return forward(profile);
  if ((*profile)->makes_keys) return {};
  return fail(ErrorCode::denied, "keys-not-made-here",
              "this CA makes no keys for the profile " + name +
                  ": make the key where it is used and send a CSR (`quicklime issue` and `cfssl gencert -remote` do), or have the "
                  "administrator set make_keys = true in [profiles." +
                  name + "]",
              "/profile");
}

async::Task<Result<MadeKey>> KeyedIssuer::make_key(const KeyRequest& request) const {
  const auto make = [request]() -> Result<MadeKey> {
    const auto key = crypto::PrivateKey::generate(request.kind);
    if (!key) return forward(key);
    auto csr = pki::Csr::make(request.subject, request.names, *key);
    if (!csr) return forward(csr);
    auto pem = key->to_pem();
    if (!pem) return forward(pem);
    return MadeKey{*std::move(pem), *std::move(csr)};
  };
  co_return co_await context_.pools.signatures.run(make);
}

async::Task<api::Answer> KeyedIssuer::issue(api::Call& call, const KeyRequest& request, Issue asked, unsigned status, Render render) {
  if (call.request.headers.get("Idempotency-Key")) {
    co_return fail(
        ErrorCode::invalid, "idempotency-key-refused",
        "a key that is made here is told once, and no second request gets it again: send it without Idempotency-Key; what was not "
        "answered is revoked",
        "Idempotency-Key");
  }
  if (auto allowed = makes_keys_for(asked.profile); !allowed) co_return forward(allowed);
  const auto made = co_await make_key(request);
  if (!made) co_return forward(made);
  // A key of RSA takes seconds: what was known of who asks may be too old by then to decide by.
  std::vector<access::Role> askers{access::Role::administrator, access::Role::requester};
  if (auto known = co_await call.identify(std::move(askers)); !known) co_return forward(known);
  const SerialNumber serial = crypto::random_serial_number();
  auto under_way = std::make_unique<UnderWay>(under_way_, serial);
  ca::IssueRequest issue_request{.csr = made->csr,
                                 .profile = std::move(asked.profile),
                                 .serial = serial,
                                 .lifetime = asked.lifetime,
                                 .service = std::move(asked.service),
                                 .node = std::move(asked.node),
                                 .method = std::string(http::name(call.request.method)),
                                 .route = call.request.route,
                                 .body_sha256 = {},
                                 .cause = call.cause()};
  const access::Identity& who = call.who();
  ca::Requester requester{.actor = who.actor,
                          .profiles = who.profiles,
                          .names = who.names,
                          .is_administrator = who.role == access::Role::administrator,
                          .persist_by = who.persist_by};
  const auto issued = co_await issuer_->issue(std::move(issue_request), std::move(requester));
  if (!issued) {
    if (issued.error().code == ErrorCode::outcome_unknown) {
      co_return fail(ErrorCode::outcome_unknown, issued.error().reason,
                     "the certificate may have been issued, and is revoked then, for its key is lost: ask for another one");
    }
    under_way->over();
    co_return forward(issued);
  }
  http::Response response = http::Response::json(status, "");
  response.stream = std::make_shared<KeyBody>(render(*issued, *made), std::move(under_way));
  response.headers.set("Cache-Control", "no-store");
  api::set_position(response, issued->position);
  co_return response;
}

async::Task<Result<KeyedIssuer::Revoked>> KeyedIssuer::revoke(SerialNumber serial) {
  std::vector<views::PointKey> key(1, ca::certificate_key(serial));
  const auto points = co_await context_.view.get(std::move(key));
  if (!points) co_return forward(points);
  const auto fresh = views::require_fresh(points->meta, context_.configuration.of<runtime::SharedSettings>().write_stale_limit);
  if (!fresh) co_return forward(fresh);
  const auto& value = points->values.front();
  if (!value) co_return Revoked::no;
  const auto record = ca::decode_certificate_record(*value);
  if (!record) co_return forward(record);
  if (record->status.kind == ca::Status::Kind::revoked) co_return Revoked::yes;
  eventlog::Draft draft{.actor = {events::Actor::Kind::process, "issuance"},
                        .cause = {RequestId(crypto::uuid_v7(context_.clock.now()))},
                        .subject = serial.hex(),
                        .data = events::CertificateRevoked{serial, record->authority, "cessationOfOperation", record->key_sha256, {}},
                        .persist_by = *fresh};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  co_return Revoked::yes;
}

async::Task<Result<std::size_t>> KeyedIssuer::revoke_lost() {
  std::size_t count = 0;
  std::optional<Error> failed;
  for (auto& lost : under_way_->take()) {
    const auto revoked = co_await revoke(lost.serial);
    if (revoked && *revoked == Revoked::yes) {
      ++count;
    } else if (!revoked || steady_clock::now() - lost.since < kMayStillLand) {
      under_way_->again(lost);
    }
    if (!revoked) failed = revoked.error();
  }
  if (failed) co_return fail(*std::move(failed));
  co_return count;
}

async::Task<void> KeyedIssuer::keep_revoking(std::shared_ptr<KeyedIssuer> self) {
  std::string last_failure;
  for (;;) {
    co_await async::sleep_for(std::chrono::seconds(1));
    const auto revoked = co_await self->revoke_lost();
    const std::string failure = revoked ? std::string() : revoked.error().reason;
    if (!revoked && failure != last_failure) {
      log::warning("certificates whose key nobody got are not revoked yet", {{"reason", failure}, {"detail", revoked.error().detail}});
    } else if (revoked && *revoked > 0) {
      log::info("revoked certificates whose key nobody got: their answers were not sent", {{"count", std::to_string(*revoked)}});
    }
    last_failure = failure;
  }
}

}  // namespace quicklime::issuance
