#include "crl/expiration.hpp"

#include <algorithm>
#include <charconv>

#include "base/logging.hpp"
#include "ca/crl_publication.hpp"
#include "ca/expiry.hpp"
#include "crl/settings.hpp"
#include "crl/view.hpp"
#include "crypto/random.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::crl {
namespace {

constexpr std::chrono::hours kAgreement{24}, kDay{24}, kCertainty{24 * 7};
constexpr std::chrono::minutes kBetweenExpirations{1};

Instant midnight_before(Instant time) { return Instant::from_seconds(time.seconds() / 86'400 * 86'400); }

std::optional<Instant> instant(const std::optional<std::string>& seconds) {
  std::int64_t value = 0;
  if (!seconds || std::from_chars(seconds->data(), seconds->data() + seconds->size(), value).ec != std::errc()) return std::nullopt;
  return Instant::from_seconds(value);
}

}  // namespace

Expiration::Expiration(api::ServiceContext context, runtime::ClockWatch& clocks) : context_(context), clocks_(clocks) {}

async::Task<void> Expiration::run() {
  for (;;) {
    // Half a minute more or less: replicas do not all say it at once.
    const auto random = static_cast<unsigned char>(crypto::random_bytes(1).front());
    co_await async::sleep_for(kBetweenExpirations / 2 + random * Milliseconds(kBetweenExpirations) / 255);
    if (const auto said = co_await look(); !said) {
      log::warning("what has expired could not be said in the log; tried again",
                   {{"reason", said.error().reason}, {"detail", said.error().detail}});
    }
  }
}

async::Task<Result<bool>> Expiration::look() {
  co_await clocks_.look();
  const auto agreed = clocks_.agreed_time(kAgreement);
  if (!agreed) co_return false;
  std::vector<views::PointKey> keys{{kExpiredSpace, kLastExpired}};
  keys.push_back(ca::first_expiry());
  const auto read = co_await context_.view.get(std::move(keys));
  if (!read) co_return forward(read);
  const auto& shared = context_.configuration.of<runtime::SharedSettings>();
  if (!views::require_fresh(read->meta, shared.write_stale_limit)) co_return false;

  const Instant now = std::min(*agreed, read->meta.read_at);
  const Milliseconds renewable = shared.renewal_after_expiry + kDay;
  const Instant due = midnight_before(now - std::max<Milliseconds>(kCertainty, renewable));
  const auto last = instant(read->values[0]);
  // Never behind what is due now, whatever an event said before.
  if (last && (due < *last || (due == *last && !ca::has_expired(read->values[1], due)))) co_return false;

  const Milliseconds retention = context_.configuration.of<Settings>().inventory_retention;
  events::CertificatesExpired expired{due};
  if (retention > Milliseconds(0)) expired.inventory_before = std::min(expired.ended_before, midnight_before(now - retention));
  eventlog::Draft draft{
      .actor = {events::Actor::Kind::process, "crl"}, .cause = {RequestId(crypto::uuid_v7(context_.clock.now()))}, .data = expired};
  const auto appended = co_await context_.writer.append(std::move(draft));
  if (!appended) co_return forward(appended);
  log::info("certificates that ended long ago leave the views", {{"ended_before", expired.ended_before.rfc3339_seconds()}});
  if (const auto reached = co_await context_.view.reached(appended->position, kReached); !reached) co_return forward(reached);
  co_return true;
}

}  // namespace quicklime::crl
