#include "revocation/orders.hpp"

#include <algorithm>
#include <map>

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
  auto end = co_await context.offload.run([&log = context.log] { return log.end(); });
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
  if (auto fresh = views::require_fresh(found->meta, context.configuration.write_stale_limit); !fresh) co_return forward(fresh);
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

}  // namespace

async::Task<Result<Carried>> carry_out(const runtime::ServiceContext& context, Order order, std::vector<SerialNumber> serials,
                                       events::Actor actor, RequestId request, Milliseconds wait, eventlog::PersistBy persist_by) {
  // 1. What is known.
  auto found = co_await find_all(context, serials);
  if (!found) co_return forward(found);
  const auto fresh = views::require_fresh(found->meta, context.configuration.write_stale_limit);
  if (!fresh) co_return forward(fresh);
  persist_by = std::min(persist_by, *fresh);

  // 2. What must be written, for all of them before anything is: a serial named twice finds what its first made of it.
  const Instant now = context.clock.now();
  std::map<SerialNumber, Record> records;
  std::vector<Change> changes;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Record& record = records.try_emplace(serials[i], *found->records[i]).first->second;
    auto change = decide(serials[i], record, order, now);
    if (!change) co_return forward(change);
    record.status = change->status;
    changes.push_back(*std::move(change));
  }

  // 3. Write. A crash or an error here leaves the events before it: each stands by itself. What was begun in time goes on,
  // unless this process was stopped for as long as a view may be old.
  Carried carried{{}, found->meta.anchor.position};
  std::size_t written = 0;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    Position position = found->meta.anchor.position;
    if (changes[i].event) {
      eventlog::Draft draft{
          .actor = actor, .request = request, .subject = serials[i].hex(), .data = *std::move(changes[i].event), .persist_by = persist_by};
      const auto appended = co_await context.writer.append(std::move(draft));
      if (!appended) co_return fail(interrupted(appended.error(), written, serials.size()));
      ++written;
      persist_by = std::max(persist_by, std::chrono::steady_clock::now() + context.configuration.write_stale_limit);
      position = appended->position;
      carried.position = position;
      changes[i].status.since.reset();  // the log's time is known once the view has it
    }
    carried.answers.push_back({serials[i], changes[i].status, position});
  }
  if (written == 0) co_return carried;

  // 4. Tell what the log made of it, if the view has it in time; what was ordered otherwise: it is durable either way.
  const auto reached = co_await context.view.reached(carried.position, std::max(wait, kMoment));
  if (!reached) co_return carried;
  const auto after = co_await find(context.view, serials);
  if (!after) co_return carried;
  for (std::size_t i = 0; i < serials.size(); ++i) {
    if (after->records[i]) carried.answers[i].status = after->records[i]->status;
  }
  co_return carried;
}

}  // namespace quicklime::revocation
