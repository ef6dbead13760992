#include "crl/current_crls.hpp"

#include <algorithm>

#include "ca/crl_publication.hpp"
#include "installation/highest_seen.hpp"

namespace quicklime::crl {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kBetweenLooks{100};

Failure unavailable(const char* reason, std::string detail) {
  return fail(Error{ErrorCode::unavailable, reason, std::move(detail), "authority", 1});
}

// A CRL lacks what changed since its number; where nothing did, it is complete as far as the view is.
Position complete_to(const Publication& publication, const std::optional<Position>& last_change, Position view) {
  if (last_change && *last_change > publication.number) return publication.number;
  return std::max(view, publication.number);
}

}  // namespace

const ca::Authority* find(const std::vector<ca::Authority>& authorities, const AuthorityId& id) {
  const auto found = std::find_if(authorities.begin(), authorities.end(), [&](const auto& authority) { return authority.id == id; });
  return found == authorities.end() ? nullptr : &*found;
}

Failure unknown_authority(const AuthorityId& id) {
  return fail(ErrorCode::not_found, "authority-unknown", "there is no authority \"" + id.text() + "\"; /v1/authorities lists them",
              "authority");
}

void CurrentCrls::keep(const std::vector<ca::Authority>& all, Position position) {
  const std::lock_guard lock(mutex_);
  if (authorities_ && position < authorities_->position) return;
  authorities_ = Authorities{std::make_shared<const std::vector<ca::Authority>>(all), position};
}

async::Task<Result<CurrentCrls::Authorities>> CurrentCrls::authorities() {
  std::vector<views::PointKey> keys{ca::authorities_key()};
  const auto read = co_await context_.view.get(std::move(keys), views::Complete::once);
  if (!read) {
    const std::lock_guard lock(mutex_);
    if (!authorities_ || read.error().code != ErrorCode::unavailable) co_return forward(read);
    co_return *authorities_;
  }
  const auto all = ca::decode_authorities(read->values[0]);
  if (!all) co_return forward(all);
  keep(*all, read->meta.anchor.position);
  const std::lock_guard lock(mutex_);
  co_return *authorities_;
}

async::Task<Result<CurrentCrls::Current>> CurrentCrls::find(AuthorityId scope) {
  auto current = co_await read(scope);
  if (!current) co_return forward(current);
  const Instant now = context_.clock.now();
  if (current->crl->this_update > now) {
    co_return unavailable("crl-not-yet",
                          "the CRL of " + scope.text() + " begins at " + current->crl->this_update.rfc3339_seconds() +
                              ", which is still to come: a clock was ahead, or this one is behind; the next one puts it right");
  }
  if (current->crl->next_update > now) co_return current;
  co_return unavailable("crl-ended", "the CRL of " + scope.text() + " ended at " + current->crl->next_update.rfc3339_seconds() +
                                         " and the next one is not published");
}

async::Task<Result<CurrentCrls::Current>> CurrentCrls::find(AuthorityId scope, std::optional<Position> wanted, Milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  for (;;) {
    auto current = co_await find(scope);
    if (!current || !wanted || current->complete_to >= *wanted) co_return current;
    if (steady_clock::now() >= deadline) {
      co_return unavailable("crl-behind", "the CRL of " + scope.text() + " is complete up to " + current->complete_to.text() +
                                              ", and not up to " + wanted->text() + " within " + duration_text(within));
    }
    co_await async::sleep_for(kBetweenLooks);
  }
}

// What was last served, unless it has ended or is of a time to come.
Result<CurrentCrls::Current> CurrentCrls::cached(const AuthorityId& scope, const Error& otherwise) {
  const std::lock_guard lock(mutex_);
  const auto found = cached_.find(scope);
  const Instant now = context_.clock.now();
  if (found == cached_.end() || found->second.crl->next_update <= now || found->second.crl->this_update > now) return fail(otherwise);
  return found->second;
}

async::Task<Result<CurrentCrls::Current>> CurrentCrls::read(AuthorityId scope) {
  std::vector<views::PointKey> keys{ca::authorities_key(), {kPublicationSpace, scope.text()}, {kChangeSpace, scope.text()}};
  const auto points = co_await context_.view.get(std::move(keys), views::Complete::once);
  if (!points) {
    if (points.error().code != ErrorCode::unavailable) co_return forward(points);
    co_return cached(scope, points.error());
  }
  const Position at = points->meta.anchor.position;
  const auto all = ca::decode_authorities(points->values[0]);
  if (!all) co_return forward(all);
  keep(*all, at);
  if (!crl::find(*all, scope)) co_return unknown_authority(scope);
  if (!points->values[1]) co_return unavailable("crl-missing", "the first CRL of " + scope.text() + " is not published yet");
  auto publication = decode_publication(*points->values[1]);
  if (!publication) co_return forward(publication);
  std::optional<Position> last_change;
  if (points->values[2]) {
    const auto change = Position::parse(*points->values[2]);
    if (!change) co_return forward(change);
    last_change = *change;
  }

  auto highest = context_.highest_seen ? context_.highest_seen->crl(scope) : std::nullopt;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = cached_.find(scope); found != cached_.end())
      highest = std::max(highest, std::optional(found->second.crl->number));
  }
  // A log that was restored may have lost the highest one, and says so by its epoch.
  if (highest && highest->epoch == at.epoch && publication->number < *highest) {
    co_return cached(scope, unavailable("crl-went-back", "the view has the CRL " + ca::crl_number_text(publication->number) + " of " +
                                                             scope.text() + ", and " + ca::crl_number_text(*highest) + " was seen before")
                                .value());
  }

  const Position complete = complete_to(*publication, last_change, at);
  auto crl = co_await published_.current(scope, std::move(*publication));
  if (!crl) co_return forward(crl);
  Current current{std::move(*crl), complete, at};
  if (context_.highest_seen) context_.highest_seen->note_crl(scope, current.crl->number);
  const std::lock_guard lock(mutex_);
  auto& highest_kept = cached_[std::move(scope)];
  if (!highest_kept.crl || highest_kept.crl->number <= current.crl->number || highest_kept.position.epoch < at.epoch)
    highest_kept = current;
  co_return current;
}

}  // namespace quicklime::crl
