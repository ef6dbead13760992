#include "dashboard_api/moment.hpp"

#include "ca/read_event.hpp"

namespace quicklime::dashboard_api {
namespace {

Failure not_yet(const Moment& moment) {
  return fail(ErrorCode::invalid, "as-of-not-yet",
              moment.text + " has not been yet: as_of is a past moment, or a position that this view has reached", "as_of");
}

}  // namespace

Result<Moment> parse_moment(std::string_view text) {
  if (const auto position = Position::parse(text)) return Moment{std::string(text), *position, Instant::from_milliseconds(0)};
  if (const auto time = Instant::parse(text)) return Moment{std::string(text), std::nullopt, *time};
  return fail(ErrorCode::invalid, "as-of-malformed", "as_of is a time as 2026-06-01T12:00:00Z, or a position of the log as 0.42", "as_of");
}

async::Task<Result<Moment>> resolve(Moment moment, const api::ServiceContext& context) {
  if (!moment.position) {
    if (moment.time > context.clock.now()) co_return not_yet(moment);
    co_return moment;
  }
  std::vector<views::PointKey> none;
  const auto meta = co_await context.view.get(std::move(none));
  if (!meta) co_return forward(meta);
  if (meta->meta.anchor.position < *moment.position) co_return not_yet(moment);
  const auto event = co_await ca::read_event(context.log, context.pools.log, moment.position->offset);
  if (!event) co_return forward(event);
  if (event->first != *moment.position) co_return not_yet(moment);
  moment.time = event->second.time;
  co_return moment;
}

bool is_before(const Moment& moment, Position position, Instant time) {
  return moment.position ? position > *moment.position : time > moment.time;
}

std::optional<Certificate> as_of(const Certificate& certificate, const Moment& moment) {
  if (is_before(moment, certificate.issued, certificate.issued_at)) return std::nullopt;
  Certificate past = certificate;
  past.status = {};
  past.replaced_by.reset();
  past.history.clear();
  for (const Change& change : certificate.history) {
    if (is_before(moment, change.position, change.time)) break;
    past.history.push_back(change);
    if (change.what != Change::What::renewed) past.history_cut = false;
    ca::Status& status = past.status;
    switch (change.what) {
      case Change::What::held: status = {ca::Status::Kind::held, pki::RevocationReason::certificate_hold, change.time}; break;
      case Change::What::released: status = {}; break;
      case Change::What::revoked:
        // The first revocation dates it.
        status = {ca::Status::Kind::revoked, change.reason, status.kind == ca::Status::Kind::revoked ? status.since : change.time};
        break;
      case Change::What::renewed: past.replaced_by = change.successor; break;
    }
  }
  return past;
}

}  // namespace quicklime::dashboard_api
