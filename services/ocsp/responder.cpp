#include "ocsp/responder.hpp"

#include <algorithm>
#include <limits>

#include "base/encoding.hpp"
#include "base/logging.hpp"
#include "ca/status.hpp"
#include "crypto/hash.hpp"
#include "http/message.hpp"

namespace quicklime::ocsp {
namespace {

// The view may not have met the serial yet: nobody may hold on to "unknown".
constexpr Milliseconds kUnknownLifetime{60'000};

Reply error(Reply::Kind kind, pki::OcspError status) { return {kind, pki::ocsp_error(status)}; }
Reply try_later() { return error(Reply::Kind::try_later, pki::OcspError::try_later); }
Reply malformed() { return error(Reply::Kind::malformed, pki::OcspError::malformed_request); }
Reply unauthorized() { return error(Reply::Kind::unauthorized, pki::OcspError::unauthorized); }
Reply internal_error(const Error& cause) {
  log::error("OCSP: no answer could be made", {{"reason", cause.reason}, {"detail", cause.detail}});
  return error(Reply::Kind::internal_error, pki::OcspError::internal_error);
}

// now: when the answer is made. What was revoked by a process whose clock is ahead is revoked now, for every client.
pki::OcspSingle single(const pki::OcspCertId& id, const std::optional<ca::Status>& status, Instant now) {
  if (!status) return {id.encoded, pki::CertificateStatus::unknown};
  if (status->kind == ca::Status::Kind::good) return {id.encoded, pki::CertificateStatus::good};
  // Held is revoked with certificateHold, RFC 6960 section 2.2.
  return {id.encoded, pki::CertificateStatus::revoked,
          status->since ? std::optional(std::min(*status->since, now).whole_seconds()) : std::nullopt, status->reason};
}

bool may_be_kept(const pki::OcspRequest& request) { return request.cert_ids.size() == 1 && request.nonce.empty(); }

}  // namespace

Responder::Responder(api::ServiceContext context, CurrentResponder current)
    : context_(context),
      settings_(context.configuration.of<Settings>()),
      shared_(context.configuration.of<runtime::SharedSettings>()),
      current_(std::move(current)),
      cache_(settings_.cache_answers),
      caught_up_at_(std::numeric_limits<std::int64_t>::min() / 2),
      hits_(context.metrics.counter("quicklime_ocsp_cache_hits_total", "OCSP answers whose signature was kept in process")) {}

async::Task<Reply> Responder::reply(std::vector<pki::OcspRequest> readings, std::optional<Position> at_least) {
  if (readings.empty()) co_return malformed();
  for (const auto& request : readings) {
    if (auto answer = cached(request, at_least)) {
      hits_.add();
      co_return Reply{Reply::Kind::known, {}, std::move(answer)};
    }
  }
  co_return co_await reply_to(readings, at_least);
}

// Where the projection thread drops the answers of changed keys, a kept answer may be given without a look at the view,
// while that is fresh, the responder is the same, and half of the answer's life is to come.
std::shared_ptr<const Answer> Responder::cached(const pki::OcspRequest& request, const std::optional<Position>& at_least) {
  if (context_.view.notified() != views::View::Notified::by_runner) return nullptr;
  if (!may_be_kept(request) || (at_least && !has_applied(*at_least))) return nullptr;
  const auto now = context_.clock.now();
  if (too_old(now - Instant::from_milliseconds(caught_up_at_.load(std::memory_order_relaxed)))) return nullptr;
  const auto* issuers = issuers_.load(std::memory_order_acquire);
  const auto* issuer = issuers ? issuers->issuer_of(request.cert_ids) : nullptr;
  if (!issuer) return nullptr;
  return usable(request, *issuer, now);
}

std::shared_ptr<const Answer> Responder::usable(const pki::OcspRequest& request, const Issuers::Issuer& issuer, Instant now) {
  const auto& id = request.cert_ids.front();
  auto answer = cache_.find(status_key(issuer.id, id.serial), id.encoded);
  if (!answer || now < answer->made_at || now >= answer->refresh_at || answer->signer != current_(issuer.id)) return nullptr;
  return answer;
}

std::shared_ptr<const Answer> Responder::kept_without_view(const pki::OcspRequest& request, const std::optional<Position>& at_least) {
  if (!may_be_kept(request) || at_least) return nullptr;
  const auto* issuers = issuers_.load(std::memory_order_acquire);
  const auto* issuer = issuers ? issuers->issuer_of(request.cert_ids) : nullptr;
  if (!issuer) return nullptr;
  const auto now = context_.clock.now();
  auto answer = usable(request, *issuer, now);
  if (!answer || too_old(now - Instant::from_milliseconds(answer->known_as_of->load(std::memory_order_relaxed)))) return nullptr;
  return answer;
}

async::Task<Reply> Responder::reply_to(const std::vector<pki::OcspRequest>& readings, std::optional<Position> at_least) {
  // Authorities and statuses in one read, at one position. The statuses' keys need the authorities: those known from an
  // earlier read, and if they turn out to have changed (or to be unknown here yet), the read is made once more.
  const auto* issuers = issuers_.load(std::memory_order_acquire);
  for (;;) {
    std::vector<views::PointKey> keys{ca::authorities_key()};
    for (const auto& request : readings) {
      const auto* issuer = issuers ? issuers->issuer_of(request.cert_ids) : nullptr;
      if (!issuer) continue;
      for (const auto& id : request.cert_ids) keys.push_back({kStatusSpace, status_key(issuer->id, id.serial)});
    }
    const auto read = co_await context_.view.get(std::move(keys));
    if (!read) {
      for (const auto& request : readings) {
        if (auto answer = kept_without_view(request, at_least)) {
          hits_.add();
          co_return Reply{Reply::Kind::known, {}, std::move(answer)};
        }
      }
      co_return try_later();
    }
    if (too_old(read->meta.read_at - read->meta.caught_up_at)) co_return try_later();
    caught_up_at_.store(read->meta.caught_up_at.milliseconds(), std::memory_order_relaxed);
    const auto as_read = issuers_of(*read);
    if (!as_read) co_return internal_error(as_read.error());
    if (*as_read == issuers) co_return co_await answer_one(readings, *issuers, *read);
    issuers = *as_read;
  }
}

// The reading all of whose certificates are known, else the first that asks an authority of ours.
async::Task<Reply> Responder::answer_one(const std::vector<pki::OcspRequest>& readings, const Issuers& issuers, const views::Points& read) {
  Values values = Values(read.values).subspan(1);
  const pki::OcspRequest* chosen = nullptr;
  Values statuses;
  for (const auto& request : readings) {
    if (!issuers.issuer_of(request.cert_ids)) continue;
    const Values of_this = values.first(request.cert_ids.size());
    values = values.subspan(request.cert_ids.size());
    const bool all_known = std::all_of(of_this.begin(), of_this.end(), [](const auto& status) { return status.has_value(); });
    if (chosen && !all_known) continue;
    chosen = &request;
    statuses = of_this;
    if (all_known) break;
  }
  if (!chosen) co_return unauthorized();
  co_return co_await sign(*chosen, *issuers.issuer_of(chosen->cert_ids), read.meta, statuses);
}

async::Task<Reply> Responder::sign(const pki::OcspRequest& request, const Issuers::Issuer& issuer, const views::Meta& meta,
                                   Values statuses) {
  const auto responder = current_(issuer.id);
  // Nobody answers for a root: what it issued is in its CRL. An issuing CA's responder is only not there yet.
  if (!responder) co_return issuer.is_root ? unauthorized() : try_later();
  if (responder->not_before() > context_.clock.now()) co_return try_later();  // made while the clock was ahead: its successor is on its way

  // The store's clock may differ from ours; how old its view is does not depend on either.
  const auto known_as_of = context_.clock.now() - (meta.read_at - meta.caught_up_at);

  // Elsewhere the record is read each time, and a kept signature serves only the record that it vouches for.
  if (may_be_kept(request) && statuses.front()) {
    auto answer = usable(request, issuer, meta.read_at);
    if (answer && answer->record == *statuses.front()) {
      answer->known_as_of->store(known_as_of.milliseconds(), std::memory_order_relaxed);
      hits_.add();
      co_return Reply{Reply::Kind::known, {}, std::move(answer)};
    }
  }

  // Dated by the earlier of the store's clock and this process's: no client that is right meets an answer from the future.
  const auto now = std::min(meta.read_at, context_.clock.now());
  std::vector<pki::OcspSingle> singles;
  auto kind = Reply::Kind::known;
  for (std::size_t index = 0; index < request.cert_ids.size(); ++index) {
    const auto& stored = statuses[index];
    if (!stored) {
      kind = Reply::Kind::unknown;
      singles.push_back(single(request.cert_ids[index], std::nullopt, now));
      continue;
    }
    const auto status = ca::decode_status(*stored);
    if (!status) co_return internal_error(status.error());
    singles.push_back(single(request.cert_ids[index], *status, now));
  }

  const auto this_update = (std::min(meta.caught_up_at, now) - shared_.backdate).whole_seconds();
  auto next_update = std::min(meta.caught_up_at + settings_.lifetime, responder->not_after());
  if (kind == Reply::Kind::unknown) next_update = std::min(next_update, now + kUnknownLifetime);
  next_update = next_update.whole_seconds();
  if (next_update <= std::max(meta.read_at, context_.clock.now())) co_return try_later();
  const auto answered = [responder, singles = std::move(singles), this_update, next_update, now, nonce = request.nonce] {
    return responder->answer(singles, this_update, next_update, now.whole_seconds(), nonce);
  };
  Result<std::string> der;
  if (responder->slow()) {
    der = co_await context_.pools.signatures.run(answered);
  } else {
    der = answered();
  }
  if (!der) co_return internal_error(der.error());
  if (kind == Reply::Kind::unknown || !request.nonce.empty()) co_return Reply{kind, std::move(*der)};

  const auto digest = crypto::sha256(*der);
  const auto& id = request.cert_ids.front();
  auto answer =
      std::make_shared<const Answer>(Answer{.cert_id = id.encoded,
                                            .der = std::move(*der),
                                            .etag = '"' + hex_encode(crypto::view(digest).substr(0, 16)) + '"',
                                            .last_modified = http::http_date(this_update),
                                            .expires = http::http_date(next_update),
                                            .made_at = now,
                                            .refresh_at = now + (next_update - now) / 2,
                                            .signer = responder,
                                            .record = *statuses.front(),
                                            .known_as_of = std::make_shared<std::atomic<std::int64_t>>(known_as_of.milliseconds())});
  if (may_be_kept(request)) cache_.store(status_key(issuer.id, id.serial), meta.anchor.position, answer);
  co_return Reply{kind, {}, std::move(answer)};
}

Result<const Issuers*> Responder::issuers_of(const views::Points& read) {
  const auto* known = issuers_.load(std::memory_order_acquire);
  if (known && known->is_of(read.values.front())) return known;
  const std::lock_guard lock(issuers_mutex_);
  for (const auto& issuers : all_issuers_) {
    if (issuers.is_of(read.values.front())) return &issuers;
  }
  auto decoded = Issuers::decode(read.values.front());
  if (!decoded) return forward(decoded);
  all_issuers_.push_front(std::move(*decoded));
  issuers_.store(&all_issuers_.front(), std::memory_order_release);
  return &all_issuers_.front();
}

void Responder::applied(const views::Applied& applied) {
  cache_.drop(applied.changes, applied.meta.anchor.position);
  const std::lock_guard lock(applied_mutex_);
  applied_ = applied.meta.anchor.position;
}

bool Responder::has_applied(Position position) {
  const std::lock_guard lock(applied_mutex_);
  return applied_ && *applied_ >= position;
}

}  // namespace quicklime::ocsp
