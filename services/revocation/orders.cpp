#include "revocation/orders.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "access/principal.hpp"
#include "access/token.hpp"
#include "base/encoding.hpp"
#include "ca/claims.hpp"
#include "ca/verdict.hpp"
#include "crypto/hash.hpp"
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
async::Task<Result<void>> reach_end(const api::ServiceContext& context) {
  auto end = co_await context.pools.log.run([&log = context.log] { return log.end(); });
  if (!end) co_return forward(end);
  if (end->offset == 0) co_return Result<void>();
  co_return co_await context.view.reached(Position{end->epoch, end->offset - 1}, kCatchUp);
}

// Absence is no answer by itself: the certificate may have been issued this very moment, and its event be on its way here.
async::Task<Result<Records>> find_all(const api::ServiceContext& context, const Orders& orders, const std::vector<SerialNumber>& serials) {
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
    if (orders.only_of && (!found->records[i] || found->records[i]->requester != *orders.only_of)) {
      co_return fail(ErrorCode::denied, "not-yours",
                     "none of the certificates that you asked for has the serial " + serials[i].hex() +
                         "; an administrator can revoke others, and so can whoever has a certificate's revocation secret or its key",
                     "serial");
    }
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
  bool seen = true;   // by the view
  bool lost = false;  // the same command was first elsewhere: look at what it has written
};

// A release gives trust back, so every view judges whether its author was live at its offset (ca/grant.hpp).
std::optional<ca::Principal> judged_by(const Orders& orders) {
  return orders.order.act == Order::Act::release ? access::giver(orders.actor) : std::nullopt;
}

// Still on hold, and its author is revoked: it released nothing, or nothing that lasted.
async::Task<Result<void>> require_released(const api::ServiceContext& context, const ca::Principal& author, const Written& done) {
  const auto is_held = [](const StatusAnswer& answer) { return answer.status.kind == ca::Status::Kind::held; };
  if (std::none_of(done.answers.begin(), done.answers.end(), is_held)) co_return Result<void>();
  const auto points = co_await context.view.get(author.records);
  if (!points) co_return forward(points);
  if (author.is_live(points->values)) co_return Result<void>();
  co_return fail(ca::refusal(author.refusal));
}

// What must be written, for all of them before anything is: a serial named twice finds what its first made of it. Nothing for those that
// were done under the command before, whatever became of them since.
Result<std::vector<Change>> decide_all(const Records& found, const std::vector<SerialNumber>& serials, const Order& order,
                                       const Commanded& commanded, Instant now) {
  std::map<SerialNumber, Record> records;
  std::vector<Change> changes;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Record& record = records.try_emplace(serials[i], *found.records[i]).first->second;
    if (commanded.answers.contains(serials[i])) {
      changes.push_back({std::nullopt, record.status});
      continue;
    }
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

// What must be written under a command though it changes nothing, for somebody who is accounted for: a hold or a release, which another
// one may have ended when it comes again; of a revocation, which is for ever, one event where there would be none.
void remember(const Records& found, const Orders& orders, const std::vector<SerialNumber>& serials, const Commanded& commanded,
              std::vector<Change>& changes) {
  if (!orders.command || !orders.identified) return;
  const auto is_written = [](const Change& change) { return change.event.has_value(); };
  const bool revokes = orders.order.act == Order::Act::revoke;
  if (revokes && (commanded.begun() || std::any_of(changes.begin(), changes.end(), is_written))) return;
  std::set<SerialNumber> named;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (!named.insert(serials[i]).second || changes[i].event) continue;
    changes[i].event = event_of(serials[i], *found.records[i], orders.order);
    if (revokes) return;
  }
}

// The command's first event: whether it was the first in the log. nullopt: another replica's was, with the same body.
async::Task<Result<std::optional<Commanded>>> judge_first(const api::ServiceContext& context, const Command& command, Position position) {
  if (auto reached = co_await context.view.reached(position, kCatchUp); !reached) {
    co_return fail(ErrorCode::outcome_unknown, "view-behind",
                   "the order is written, and not judged yet: ask again with the same Idempotency-Key");
  }
  auto commanded = co_await find_commanded(context.view, command);
  if (!commanded) co_return forward(commanded);
  if (!commanded->begun()) {
    co_return fail(ErrorCode::outcome_unknown, "view-behind",
                   "the order is written, and the view does not show it: ask again with the same Idempotency-Key");
  }
  const bool first = commanded->answers.at(commanded->order.front()).position.offset == position.offset;
  co_return first ? std::optional(*std::move(commanded)) : std::nullopt;
}

// One order for all of these: view, rules, log, view again. commanded: what was written under the command before.
async::Task<Result<Written>> write(const api::ServiceContext& context, const Orders& orders, const std::vector<SerialNumber>& serials,
                                   Commanded& commanded) {
  // 1. What is known, and what must be written.
  auto found = co_await find_all(context, orders, serials);
  if (!found) co_return forward(found);
  auto changes = decide_all(*found, serials, orders.order, commanded, context.clock.now());
  if (!changes) co_return forward(changes);
  if (may_have_ended(orders.order, *changes)) {
    // 2. As of the log's end.
    const auto reached = co_await reach_end(context);
    if (!reached) co_return forward(reached);
    found = co_await find_all(context, orders, serials);
    if (!found) co_return forward(found);
    changes = decide_all(*found, serials, orders.order, commanded, context.clock.now());
    if (!changes) co_return forward(changes);
  }
  const auto fresh = views::require_fresh(found->meta, context.configuration.of<runtime::SharedSettings>().write_stale_limit);
  if (!fresh) co_return forward(fresh);
  remember(*found, orders, serials, commanded, *changes);
  eventlog::PersistBy persist_by = std::min(orders.persist_by, *fresh);

  // 3. Write. A crash or an error here leaves the events before it: each stands by itself. What was begun in time goes on,
  // unless this process was stopped for as long as a view may be old.
  Written done{{}, found->meta.anchor.position};
  std::size_t written = 0;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Position position = found->meta.anchor.position;
    Change& change = (*changes)[i];
    if (const auto before = commanded.answers.find(serials[i]); before != commanded.answers.end()) {
      done.answers.push_back(before->second);
      continue;
    }
    if (change.event) {
      eventlog::Draft draft{.actor = orders.actor,
                            .cause = orders.cause,
                            .subject = serials[i].hex(),
                            .data = *std::move(change.event),
                            .persist_by = persist_by};
      const bool begins = orders.command && !commanded.begun();
      if (orders.command) {
        draft.once.push_back(begins ? orders.command->once : orders.command->once + "/" + serials[i].hex());
        draft.body = orders.command->body;
      }
      const auto appended = co_await context.writer.append(std::move(draft));
      if (!appended) co_return fail(interrupted(appended.error(), written, serials.size()));
      ++written;
      persist_by =
          std::max(persist_by, std::chrono::steady_clock::now() + context.configuration.of<runtime::SharedSettings>().write_stale_limit);
      position = appended->position;
      done.position = position;
      change.status.since.reset();  // the log's time is known once the view has it
      if (begins) {
        auto judged = co_await judge_first(context, *orders.command, position);
        if (!judged) co_return forward(judged);
        done.lost = !*judged;
        if (done.lost) co_return done;
        commanded.order = {serials[i]};
      }
    }
    done.answers.push_back({serials[i], change.status, position});
  }
  if (written == 0) co_return done;

  // 4. Tell what the log made of it, if the view has it in time; what was ordered otherwise: it is durable either way. What is
  // judged is not answered before, and the scope is looked at again after.
  const auto judged = judged_by(orders);
  const Milliseconds least = judged || orders.command || !orders.scope.empty() ? kCatchUp : kMoment;
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
    if (after->records[i] && !commanded.answers.contains(serials[i])) done.answers[i].status = after->records[i]->status;
  }
  if (orders.command) {  // what a retry will hear: each certificate as its event left it
    const auto told = co_await find_commanded(context.view, *orders.command);
    if (!told) co_return forward(told);
    for (StatusAnswer& answer : done.answers) {
      if (const auto first = told->answers.find(answer.serial); first != told->answers.end()) answer = first->second;
    }
  }
  if (judged) {
    if (auto released = co_await require_released(context, *judged, done); !released) co_return forward(released);
  }
  co_return done;
}

OnHold on_hold(const Order& order) { return order.act == Order::Act::hold ? OnHold::is_done : OnHold::is_live; }

// What the scope holds beside those that are done.
async::Task<Result<std::vector<SerialNumber>>> added_by_scope(const api::ServiceContext& context, const Orders& orders,
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

async::Task<Result<std::optional<Carried>>> carry_out_once(const api::ServiceContext& context, Orders orders) {
  // What was written under the same command is answered as it was then. The rest is done: its first request ended in the middle.
  Commanded commanded;
  if (orders.command) {
    auto before = co_await find_commanded(context.view, *orders.command);
    if (!before) co_return forward(before);
    commanded = *std::move(before);
  }
  const auto is_done = [&](const SerialNumber& serial) { return commanded.answers.contains(serial); };
  std::set<SerialNumber> done;
  Carried carried;
  std::vector<SerialNumber> serials = orders.serials;
  if (commanded.begun() && std::all_of(serials.begin(), serials.end(), is_done)) {
    for (const auto& serial : serials) carried.answers.push_back(commanded.answers.at(serial));
    carried.position = commanded.position;
    done.insert(serials.begin(), serials.end());
    for (const auto& serial : commanded.order) {
      if (done.insert(serial).second) carried.answers.push_back(commanded.answers.at(serial));
    }
    serials.clear();
  }

  if (!orders.scope.empty()) {
    if (auto known = co_await find_all(context, orders, orders.serials); !known) co_return forward(known);
    if (orders.order.act == Order::Act::hold) {  // what is on hold by an old view may not be any more
      if (auto reached = co_await reach_end(context); !reached) co_return forward(reached);
    }
  }

  // The named ones first: from then on nothing can be renewed from them. Then the scope; a second look finds what was renewed before
  // the first look's were revoked, and from what is revoked nothing comes after.
  bool seen = true;
  for (int look = 0; look < 3; ++look) {
    auto added = co_await added_by_scope(context, orders, done.size());
    if (!added) co_return forward(added);
    for (const auto& serial : *added) {
      if (!done.contains(serial)) serials.push_back(serial);
    }
    if (serials.empty()) break;
    auto written = co_await write(context, orders, serials, commanded);
    if (!written) co_return forward(written);
    if (written->lost) co_return std::optional<Carried>();
    carried.answers.insert(carried.answers.end(), written->answers.begin(), written->answers.end());
    carried.position = written->position;
    seen = written->seen;
    if (!seen || orders.scope.empty()) break;
    orders.persist_by = eventlog::kWhenever;  // who asked was known when this was begun
    done.insert(serials.begin(), serials.end());
    serials.clear();
  }

  for (const auto& serial : commanded.order) {  // what the scope held when the first request was ended in the middle
    const auto is_told = [&](const StatusAnswer& answer) { return answer.serial == serial; };
    const auto before = commanded.answers.find(serial);
    if (before == commanded.answers.end() || std::any_of(carried.answers.begin(), carried.answers.end(), is_told)) continue;
    carried.answers.push_back(before->second);
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
  co_return std::optional(std::move(carried));
}

}  // namespace

async::Task<Result<Carried>> carry_out(const api::ServiceContext& context, ca::OnceKeys& once_keys, Orders orders) {
  std::optional<ca::OnceKeys::Lead> lead;
  while (orders.command && !lead) {
    std::vector<std::string> keys(1, orders.command->once);
    auto turn = once_keys.take(std::move(keys));
    if (auto* leading = std::get_if<ca::OnceKeys::Lead>(&turn)) {
      lead.emplace(std::move(*leading));
    } else {
      (void)co_await std::get<async::Completion<ca::OnceKeys::Ended>>(turn).wait();
    }
  }
  for (int attempt = 0; attempt < 2; ++attempt) {
    auto carried = co_await carry_out_once(context, orders);
    if (!carried) co_return forward(carried);
    if (*carried) co_return **std::move(carried);
  }
  co_return fail(ErrorCode::outcome_unknown, "view-behind", "the same order was first elsewhere: ask again with the same Idempotency-Key");
}

std::string orders_sha256(const Orders& orders) {
  std::string serials;
  for (const auto& serial : orders.serials) serials += serial.hex() + " ";
  const auto flag = [](bool set) { return set ? std::string_view("1") : std::string_view("0"); };
  const char act[] = {static_cast<char>('0' + static_cast<int>(orders.order.act)), '\0'};
  return hex_encode(crypto::view(crypto::sha256_of_parts(
      {act, pki::name(orders.order.reason), flag(orders.scope.same_key), flag(orders.scope.with_successors), serials})));
}

}  // namespace quicklime::revocation
