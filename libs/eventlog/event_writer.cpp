#include "eventlog/event_writer.hpp"

#include "crypto/random.hpp"
#include "eventlog/check.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog {

EventWriter::EventWriter(EventLog& log, const Clock& clock) : log_(log), clock_(clock), incarnation_(crypto::uuid_v7(clock.now())) {}

async::Task<Result<Appended>> EventWriter::append(Draft draft) {
  std::optional<EventId> id;
  std::string bytes;
  {
    // Under the lock: ids and sequence rise together, and an event that is refused takes no number
    // (a gap in the log must mean an append that was reported lost or unknown).
    std::lock_guard lock(mutex_);
    const Instant now = clock_.now();
    id.emplace(crypto::uuid_v7(now));
    bytes = events::encode(events::Event{.id = *id,
                                         .time = now,
                                         .writer = events::Writer{incarnation_, sequence_ + 1},
                                         .actor = std::move(draft.actor),
                                         .request = std::move(draft.cause.request),
                                         .once = std::move(draft.once),
                                         .body = std::move(draft.body),
                                         .subject = std::move(draft.subject),
                                         .data = std::move(draft.data),
                                         .on_behalf_of = std::move(draft.cause.on_behalf_of),
                                         .traceparent = std::move(draft.cause.traceparent)});
    if (auto fits = check_size(bytes); !fits) co_return forward(fits);
    ++sequence_;
    ++progress_.under_way;
  }
  struct UnderWay {  // also when the coroutine is destroyed while it waits
    EventWriter& writer;
    ~UnderWay() {
      std::lock_guard lock(writer.mutex_);
      --writer.progress_.under_way;
    }
  } const under_way{*this};
  const auto position = co_await log_.append(std::move(bytes), draft.persist_by);
  if (!position) co_return forward(position);
  {
    std::lock_guard lock(mutex_);
    auto& last = progress_.last_appended;
    if (!last || *last < *position) last = *position;
  }
  co_return Appended{*id, *position};
}

EventWriter::Progress EventWriter::progress() const {
  std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace quicklime::eventlog
