#include "revocation/orders.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "access/token.hpp"
#include "ca/verdict.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::revocation {
namespace {

// Without `Prefer: wait` too: long enough for a view that keeps up, so that nearly every answer tells what the log holds
// (another revocation may have been first) and when it began.
constexpr Milliseconds kMoment{250};
constexpr Milliseconds kCatchUp{2'000};

bool all_known(const Records& found) {
  return std::all_of(found.records.begin(), found.records.end(), [](const auto& record) { return record.has_value(); });
}

// Until the view has applied whatever is in the log now.
async::Task<Result<void>> reach_end(const runtime::ServiceContext& context) {
  auto end = co_await context.pools.log.run([&log = context.log] { return log.end(); });
  if (!end) co_return forward(end);
  if (end->offset == 0) co_return Result<void>();
  co_return co_await context.view.reached(Position{end->epoch, end->offset - 1}, kCatchUp);
}

// Absence is no answer by itself: the certificate may have been issued this very moment, and its event be on its way here.
async::Task<Result<Records>> find_all(const runtime::ServiceContext& context, const std::vector<SerialNumber>& serials) {
  auto found = co_await find(context.view, serials);
  if (!found) co_return forward(found);
  if (!all_known(*found)) {
    const auto reached = co_await reach_end(context);
    if (!reached) co_return forward(reached);
    found = co_await find(context.view, serials);
    if (!found) co_return forward(found);
  }
  if (auto fresh = views::require_fresh(found->meta, context.configuration.of<runtime::SharedSettings>().write_stale_limit); !fresh)
    co_return forward(fresh);
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (found->records[i]) continue;
    co_return fail(ErrorCode::not_found, "certificate-unknown",
                   "no certificate with the serial " + serials[i].hex() + " was ever issued here", "serial");
  }
  co_return found;
}

Error interrupted(Error error, std::size_t written, std::size_t of) {
  if (written > 0) {
    error.detail += " (" + std::to_string(written) + " of " + std::to_string(of) + " were written before this; ask again for all of them)";
  }
  return error;
}

struct Written {
  std::vector<StatusAnswer> answers;
  Position position;
  bool seen = true;  // by the view
};

// A release gives trust back, so every view judges whether its author was live at its offset (ca/grant.hpp).
bool is_judged(const Orders& orders) { return orders.order.act == Order::Act::release && orders.actor.kind == events::Actor::Kind::token; }

// Still on hold, and its author's token is revoked: it released nothing, or nothing that lasted.
async::Task<Result<void>> require_released(const runtime::ServiceContext& context, const Orders& orders, const Written& done) {
  const auto is_held = [](const StatusAnswer& answer) { return answer.status.kind == ca::Status::Kind::held; };
  if (std::none_of(done.answers.begin(), done.answers.end(), is_held)) co_return Result<void>();
  std::vector<views::PointKey> author(1, access::token_key(TokenId(orders.actor.id)));
  const auto points = co_await context.view.get(std::move(author));
  if (!points) co_return forward(points);
  if (access::token_is_live(points->values.front())) co_return Result<void>();
  co_return fail(ca::refusal("token-revoked"));
}

// What must be written, for all of them before anything is: a serial named twice finds what its first made of it.
Result<std::vector<Change>> decide_all(const Records& found, const std::vector<SerialNumber>& serials, const Order& order, Instant now) {
  std::map<SerialNumber, Record> records;
  std::vector<Change> changes;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Record& record = records.try_emplace(serials[i], *found.records[i]).first->second;
    auto change = decide(serials[i], record, order, now);
    if (!change) return forward(change);
    record.status = change->status;
    changes.push_back(*std::move(change));
  }
  return changes;
}

// A hold ends and may be made again: that there is nothing to do is no answer by itself, as what ended it may be on its way here.
// Revoked is for ever.
bool may_have_ended(const Order& order, const std::vector<Change>& changes) {
  return order.act != Order::Act::revoke && std::any_of(changes.begin(), changes.end(), [](const Change& change) { return !change.event; });
}

// One order for all of these: view, rules, log, view again.
async::Task<Result<Written>> write(const runtime::ServiceContext& context, const Orders& orders, const std::vector<SerialNumber>& serials) {
  // 1. What is known, and what must be written.
  auto found = co_await find_all(context, serials);
  if (!found) co_return forward(found);
  auto changes = decide_all(*found, serials, orders.order, context.clock.now());
  if (!changes) co_return forward(changes);
  if (may_have_ended(orders.order, *changes)) {
    // 2. As of the log's end.
    const auto reached = co_await reach_end(context);
    if (!reached) co_return forward(reached);
    found = co_await find_all(context, serials);
    if (!found) co_return forward(found);
    changes = decide_all(*found, serials, orders.order, context.clock.now());
    if (!changes) co_return forward(changes);
  }
  const auto fresh = views::require_fresh(found->meta, context.configuration.of<runtime::SharedSettings>().write_stale_limit);
  if (!fresh) co_return forward(fresh);
  eventlog::PersistBy persist_by = std::min(orders.persist_by, *fresh);

  // 3. Write. A crash or an error here leaves the events before it: each stands by itself. What was begun in time goes on,
  // unless this process was stopped for as long as a view may be old.
  Written done{{}, found->meta.anchor.position};
  std::size_t written = 0;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Position position = found->meta.anchor.position;
    Change& change = (*changes)[i];
    if (change.event) {
      eventlog::Draft draft{.actor = orders.actor,
                            .request = orders.request,
                            .subject = serials[i].hex(),
                            .data = *std::move(change.event),
                            .persist_by = persist_by};
      const auto appended = co_await context.writer.append(std::move(draft));
      if (!appended) co_return fail(interrupted(appended.error(), written, serials.size()));
      ++written;
      persist_by =
          std::max(persist_by, std::chrono::steady_clock::now() + context.configuration.of<runtime::SharedSettings>().write_stale_limit);
      position = appended->position;
      done.position = position;
      change.status.since.reset();  // the log's time is known once the view has it
    }
    done.answers.push_back({serials[i], change.status, position});
  }
  if (written == 0) co_return done;

  // 4. Tell what the log made of it, if the view has it in time; what was ordered otherwise: it is durable either way. What is
  // judged is not answered before, and the scope is looked at again after.
  const bool judged = is_judged(orders);
  const Milliseconds least = judged || !orders.scope.empty() ? kCatchUp : kMoment;
  const auto reached = co_await context.view.reached(done.position, std::max(orders.wait, least));
  done.seen = reached.has_value();
  if (!done.seen && judged) {
    co_return fail(ErrorCode::outcome_unknown, "view-behind", "the release is written, and not judged yet: ask again");
  }
  if (!done.seen) co_return done;
  const auto after = co_await find(context.view, serials);
  if (!after && judged) co_return forward(after);
  if (!after) co_return done;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (after->records[i]) done.answers[i].status = after->records[i]->status;
  }
  if (judged) {
    if (auto released = co_await require_released(context, orders, done); !released) co_return forward(released);
  }
  co_return done;
}

OnHold on_hold(const Order& order) { return order.act == Order::Act::hold ? OnHold::is_done : OnHold::is_live; }

// What the scope holds beside those that are done.
async::Task<Result<std::vector<SerialNumber>>> added_by_scope(const runtime::ServiceContext& context, const Orders& orders,
                                                              std::size_t carried) {
  const std::size_t done = std::max(carried, orders.serials.size());
  if (orders.scope.empty() || done >= orders.at_most) co_return std::vector<SerialNumber>();
  auto related =
      co_await find_related(context.view, orders.serials, orders.scope, orders.at_most - done, orders.look_at, on_hold(orders.order));
  if (!related) co_return forward(related);
  if (related->incomplete) {
    co_return fail(ErrorCode::unprocessable, "revocation-scope-too-large",
                   "more than " + std::to_string(orders.look_at) +
                       " certificates have the key or were renewed from one that has it, and one request looks at no more. " +
                       (carried == 0 ? "Nothing was revoked" : std::to_string(carried) + " were revoked") +
                       "; ask without same_key and with_successors, or beginning with a later certificate of the line");
  }
  auto serials = std::move(related->same_key);
  serials.insert(serials.end(), related->successors.begin(), related->successors.end());
  co_return serials;
}

}  // namespace

async::Task<Result<Carried>> carry_out(const runtime::ServiceContext& context, Orders orders) {
  if (!orders.scope.empty()) {
    if (auto known = co_await find_all(context, orders.serials); !known) co_return forward(known);
    if (orders.order.act == Order::Act::hold) {  // what is on hold by an old view may not be any more
      if (auto reached = co_await reach_end(context); !reached) co_return forward(reached);
    }
  }

  // The named ones first: from then on nothing can be renewed from them. Then the scope; a second look finds what was renewed before
  // the first look's were revoked, and from what is revoked nothing comes after.
  std::set<SerialNumber> done;
  Carried carried;
  std::vector<SerialNumber> serials = orders.serials;
  bool seen = true;
  for (int look = 0; look < 3; ++look) {
    auto added = co_await added_by_scope(context, orders, done.size());
    if (!added) co_return forward(added);
    for (const auto& serial : *added) {
      if (!done.contains(serial)) serials.push_back(serial);
    }
    if (serials.empty()) break;
    auto written = co_await write(context, orders, serials);
    if (!written) co_return forward(written);
    carried.answers.insert(carried.answers.end(), written->answers.begin(), written->answers.end());
    carried.position = written->position;
    seen = written->seen;
    if (!seen || orders.scope.empty()) break;
    orders.persist_by = eventlog::kWhenever;  // who asked was known when this was begun
    done.insert(serials.begin(), serials.end());
    serials.clear();
  }

  // What the scope was too large for, or the view too old; and all that may be in the hands of whoever has a stolen key.
  const bool of_stolen_key = orders.order.act == Order::Act::revoke && orders.order.reason == pki::RevocationReason::key_compromise;
  if (of_stolen_key || !orders.scope.empty()) {
    const Scope scope = of_stolen_key ? Scope{.same_key = true, .with_successors = true} : orders.scope;
    auto remaining = co_await find_related(context.view, orders.serials, scope, orders.at_most, orders.look_at, on_hold(orders.order));
    if (!remaining) co_return forward(remaining);
    remaining->more = remaining->more || !seen;
    carried.remaining = *std::move(remaining);
  }
  co_return carried;
}

}  // namespace quicklime::revocation
