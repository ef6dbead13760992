#include "base/logging.hpp"
#include "ca/issue_implementation.hpp"

namespace quicklime::ca {
namespace {

constexpr std::size_t kPage = 100;
constexpr Milliseconds kSweepInterval{1'000};

// RFC 5280 knows no "lost a race": the refusal in its words.
const char* revocation_reason(const CertificateRecord& record) {
  if (record.standing == "key-blocked") return "keyCompromise";
  if (record.standing == "token-revoked" || record.standing == "author-revoked" || record.standing == "voucher-revoked" ||
      record.standing == "predecessor-key-blocked")
    return "privilegeWithdrawn";
  return "superseded";
}

}  // namespace

async::Task<Result<std::size_t>> Issuer::sweep() {
  const std::shared_ptr<Implementation> self = implementation_;
  std::size_t revoked = 0;
  std::set<std::string> listed;
  std::string from;
  for (;;) {
    // Step 1. Certificates that do not stand, from a view that has seen all there was a moment ago.
    views::Scan scan{.space = kUnansweredSpace, .from = from, .limit = kPage};
    const auto keys = co_await self->view.scan(std::move(scan));
    if (!keys) co_return forward(keys);
    const auto fresh = views::require_fresh(keys->meta, self->policy.stale_limit);
    if (!fresh) co_return forward(fresh);
    for (const std::string& serial_text : keys->keys) {
      listed.insert(serial_text);
      {
        const std::lock_guard lock(self->sweep_mutex);
        if (!self->swept.insert(serial_text).second) continue;
      }
      const auto forget = [&] {
        const std::lock_guard lock(self->sweep_mutex);
        self->swept.erase(serial_text);
      };

      // Step 2. Its record: only what was judged not to stand, of whichever authority, is ours to revoke.
      const auto serial = SerialNumber::from_hex(serial_text);
      if (!serial) co_return forward(serial);
      std::vector<views::PointKey> key(1, certificate_key(*serial));
      const auto point = co_await self->view.get(std::move(key));
      if (!point || !point->values.front()) {
        forget();
        continue;
      }
      const auto record = decode_certificate_record(*point->values.front());
      if (!record || record->standing == "stands" || record->status.kind == Status::Kind::revoked ||
          record->replaces.has_value() != self->policy.renews) {
        forget();
        continue;
      }

      // Step 3. The request that it came of. However late it is found: it was judged by the rules of its own event, and was never
      // answered.
      const auto read = co_await read_event(self->log, self->pools.log, record->offset);
      if (!read) {
        forget();
        co_return forward(read);
      }

      // Step 4. Revoke it by an ordinary event. A crash before leaves it on the list, after it a plain revocation; an unknown
      // outcome is tried again by a later pass: a second revocation of a serial changes nothing.
      std::optional<EventId> lost_to;
      if (record->lost_to) lost_to = record->lost_to->first;
      eventlog::Draft draft{
          .actor = {events::Actor::Kind::process, "sweep"},
          .cause = {read->second.request, read->second.on_behalf_of, read->second.traceparent},
          .subject = serial_text,
          .data = events::CertificateRevoked{*serial, record->authority, revocation_reason(*record), record->key_sha256, lost_to},
          .persist_by = *fresh};
      const auto appended = co_await self->writer.append(std::move(draft));
      if (!appended) {
        forget();
        co_return forward(appended);
      }
      ++revoked;
    }
    if (keys->keys.size() < kPage) break;
    from = keys->keys.back() + '\0';
  }

  // What has left the view's list needs no remembering.
  const std::lock_guard lock(self->sweep_mutex);
  std::erase_if(self->swept, [&](const std::string& serial) { return !listed.contains(serial); });
  co_return revoked;
}

async::Task<void> Issuer::keep_swept(std::shared_ptr<Issuer> issuer) {
  std::string last_failure;
  for (;;) {
    co_await async::sleep_for(kSweepInterval);
    const auto swept = co_await issuer->sweep();
    // A view that is behind says so every second; once is enough for a reader of logs.
    const std::string failure = swept ? std::string() : swept.error().reason;
    if (!swept && failure != last_failure) {
      log::warning("the sweep rests", {{"reason", failure}, {"detail", swept.error().detail}});
    } else if (swept && *swept > 0) {
      log::info("revoked certificates that lost a race and were never answered", {{"count", std::to_string(*swept)}});
    }
    last_failure = failure;
  }
}

}  // namespace quicklime::ca
