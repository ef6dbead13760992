#include "views/follower.hpp"

#include "base/log_level.hpp"
#include "base/logging.hpp"
#include "events/codec.hpp"

namespace quicklime::views {
namespace {

using std::chrono::steady_clock;

bool same_place(const std::optional<State>& a, const std::optional<State>& b) {
  if (!a || !b) return !a && !b;
  return a->anchor.log_id == b->anchor.log_id && a->anchor.position == b->anchor.position && a->anchor.chain == b->anchor.chain;
}

std::string place(const std::optional<State>& state) { return state ? state->anchor.position.text() : "empty"; }

}  // namespace

Follower::Follower(Runner::View view, const std::function<void(const Applied&)>& observer, metrics::Registry& metrics)
    : projection_(std::move(view.projection)),
      store_(*view.store),
      turn_(view.turn),
      observer_(observer),
      folded_(metrics.counter("quicklime_view_events_total", "Events folded into a view", {{"view", projection_.name}})),
      repeated_(metrics.counter("quicklime_view_repeated_events_total", "Events that the log holds twice", {{"view", projection_.name}})),
      lost_(metrics.counter("quicklime_view_missing_events_total", "Sequence numbers of writers that never came",
                            {{"view", projection_.name}})) {
  shown_->status.view = projection_.name;
  metrics.gauge("quicklime_view_position", "Offset of the last event a view has applied",
                [shown = shown_] {
                  std::lock_guard lock(shown->mutex);
                  return shown->status.applied ? static_cast<double>(shown->status.position.offset) : -1.0;
                },
                {{"view", projection_.name}});
  metrics.gauge("quicklime_view_lag_events", "Events of the log that a view has not applied, as of the last look at the log's end",
                [shown = shown_] {
                  std::lock_guard lock(shown->mutex);
                  const std::uint64_t next = shown->status.applied ? shown->status.position.offset + 1 : 0;
                  return shown->status.log_end > next ? static_cast<double>(shown->status.log_end - next) : 0.0;
                },
                {{"view", projection_.name}});
  metrics.gauge("quicklime_view_lag_seconds", "How long ago a view was known to hold all of the log; -1 before it did",
                [shown = shown_] {
                  std::lock_guard lock(shown->mutex);
                  if (shown->complete_until == steady_clock::time_point()) return -1.0;
                  return std::chrono::duration<double>(steady_clock::now() - shown->complete_until).count();
                },
                {{"view", projection_.name}});
  metrics.gauge("quicklime_view_stopped", "1 when a view has stopped for good",
                [shown = shown_] {
                  std::lock_guard lock(shown->mutex);
                  return shown->status.stopped.empty() ? 0.0 : 1.0;
                },
                {{"view", projection_.name}});
}

Runner::Status Follower::status() const {
  std::lock_guard lock(shown_->mutex);
  return shown_->status;
}

void Follower::publish() {
  std::lock_guard lock(shown_->mutex);
  shown_->status.applied = state_.has_value();
  shown_->status.position = state_ ? state_->anchor.position : Position{};
}

void Follower::stop(const std::string& reason) {
  stopped_ = true;
  log::error("a view has stopped", {{"view", projection_.name}, {"position", place(state_)}, {"reason", reason}});
  std::lock_guard lock(shown_->mutex);
  shown_->status.stopped = reason;
}

void Follower::tell(const Changes& changes) {
  publish();
  if (!observer_ || !state_) return;
  const auto now = store_.now();
  const Meta meta{state_->anchor, state_->version, caught_up_at_, now ? *now : caught_up_at_};
  observer_(Applied{projection_.name, meta, changes});
}

void Follower::say(std::span<const Decoded> folded) const {
  if (!log::shows_debug()) return;
  for (const auto& [record, event] : folded) {
    log::debug("folded", {{"view", projection_.name},
                          {"type", std::string(events::type_name(event->data))},
                          {"request", event->request.text()},
                          {"subject", event->subject},
                          {"position", record.position.text()}});
  }
}

Result<void> Follower::start(eventlog::EventLog& log) {
  auto state = store_.state();
  if (!state) {
    if (state.error().code != ErrorCode::unavailable) stop(state.error().detail);
    return forward(state);
  }
  if (*state && (*state)->version != projection_.version) {
    log::info("a view is folded anew",
              {{"view", projection_.name}, {"version", std::to_string(projection_.version)}, {"was", std::to_string((*state)->version)}});
    if (auto emptied = store_.reset(); !emptied) return forward(emptied);
    state->reset();
  }
  auto windows = WriterWindows::parse(*state ? (*state)->writers : "");
  if (!windows) {
    stop(windows.error().detail);
    return forward(windows);
  }
  if (*state) {
    if (auto checked = log.follow((*state)->anchor); !checked) {
      if (checked.error().code != ErrorCode::unavailable) stop(checked.error().reason + ": " + checked.error().detail);
      return forward(checked);
    }
  }
  log_id_ = log.id();
  state_ = std::move(*state);
  windows_ = std::move(*windows);
  question_.reset();
  started_ = true;
  caught_up_ = false;
  tell({});
  return {};
}

Result<void> Follower::restart(const std::string& why) {
  log::warning("a view is not where it was left", {{"view", projection_.name}, {"left at", place(state_)}, {"found", why}});
  started_ = false;
  question_.reset();
  return fail(ErrorCode::conflict, "view-moved", why);
}

std::span<const Decoded> Follower::remaining(std::span<const Decoded> batch) const {
  std::size_t skipped = 0;
  while (skipped < batch.size() && batch[skipped].record.position.offset < next()) ++skipped;
  return batch.subspan(skipped);
}

Result<Follower::Batch> Follower::prepare(std::span<const Decoded> batch) {
  Batch folded{BatchFold(store_), windows_, std::nullopt};
  try {
    if (projection_.reads) {
      std::vector<PointKey> keys;
      for (const Decoded& decoded : batch) {
        if (!decoded.event) break;
        for (PointKey& key : projection_.reads(*decoded.event)) keys.push_back(std::move(key));
      }
      folded.fold.fetch(keys);
    }
    for (const auto& [record, event] : batch) {
      Result<void> applied;
      if (!event) {
        applied = forward(event);
      } else {
        const bool repeats = folded.windows.repeated(event->writer);
        if (repeats) ++folded.repeated;
        if (!repeats || projection_.sees_repeats) applied = projection_.apply({*event, record.position, record.hash, repeats}, folded.fold);
      }
      if (!applied) {
        folded.fold.drop();
        folded.stop = applied.error().reason + " at " + record.position.text() + ": " + applied.error().detail;
        break;
      }
      folded.fold.keep();
      folded.windows.note(event->writer, event->time);
      folded.last = eventlog::Anchor{*log_id_, record.position, record.hash, record.chain};
      ++folded.folded;
    }
  } catch (const StoreFailed& failed) {
    return fail(failed.error);
  }
  return folded;
}

// The step that a crash, a second runner or a lost answer may hit: the store decides by the position
// it holds, so doing it again is harmless.
Result<void> Follower::apply(const Batch& batch) {
  const State next{*batch.last, projection_.version, batch.windows.text()};
  const auto expected = state_ ? std::optional(state_->anchor.position) : std::nullopt;
  const auto done = store_.apply(expected, batch.fold.changes(), next);
  if (!done) {
    if (done.error().code != ErrorCode::outcome_unknown && done.error().reason != "view-moved") return forward(done);
    const auto found = store_.state();
    if (!found) return forward(found);
    if (!same_place(*found, next)) {
      if (same_place(*found, state_)) {
        return fail(Error{ErrorCode::unavailable, "view-not-applied", done.error().detail, "", 1});  // it did not happen: again
      }
      return restart(place(*found));
    }
  }
  lost_.add(batch.windows.lost() - windows_.lost());
  folded_.add(batch.folded - batch.repeated);
  repeated_.add(batch.repeated);
  state_ = next;
  windows_ = batch.windows;
  tell(batch.fold.changes());
  return {};
}

Result<void> Follower::fold(std::span<const Decoded> all) {
  if (stopped_ || !started_) return {};
  const auto batch = remaining(all);
  if (batch.empty()) return {};
  const auto folded = prepare(batch);
  Result<void> done;
  if (!folded) {
    done = forward(folded);
  } else if (folded->last) {
    done = apply(*folded);
  }
  if (!done) {
    const bool passing = done.error().code == ErrorCode::unavailable || done.error().reason == "view-moved";
    if (!passing) stop(done.error().reason + ": " + done.error().detail);
    return done;
  }
  say(batch.first(folded->folded));
  if (!folded->stop.empty()) stop(folded->stop);
  return {};
}

Result<void> Follower::note_time() {
  const auto noted = store_.now();
  if (!noted) return forward(noted);
  const auto found = store_.state();
  if (!found) return forward(found);
  if (!same_place(*found, state_)) return restart(place(*found));
  question_ = Question{*noted, std::nullopt, steady_clock::now()};
  return {};
}

void Follower::answered(std::optional<std::uint64_t> log_end) {
  if (!question_ || question_->end) return;
  if (log_end) {
    question_->end = log_end;
    std::lock_guard lock(shown_->mutex);
    shown_->status.log_end = *log_end;
  } else {
    question_.reset();
  }
}

void Follower::settle() {
  if (stopped_ || !started_ || !question_ || !question_->end || next() < *question_->end) return;
  if (state_ && store_.caught_up(question_->noted)) {
    caught_up_at_ = question_->noted;
    caught_up_ = true;
    {
      std::lock_guard lock(shown_->mutex);
      shown_->status.caught_up = true;
      shown_->complete_until = question_->noted_here;
    }
    tell({});
  }
  question_.reset();
}

}  // namespace quicklime::views
