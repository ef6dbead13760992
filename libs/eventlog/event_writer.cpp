#include "eventlog/event_writer.hpp"

#include "base/log_level.hpp"
#include "base/logging.hpp"
#include "crypto/random.hpp"
#include "eventlog/check.hpp"
#include "events/codec.hpp"

namespace quicklime::eventlog {

namespace {

// What a line says of an event: one for each write, for who follows a request through all processes.
struct Written {
  std::string type, request, subject;

  explicit Written(const Draft& draft) : type(events::type_name(draft.data)), request(draft.cause.request.text()), subject(draft.subject) {}
  void say(const Result<Position>& position) const {
    if (position) {
      log::debug("written", {{"type", type}, {"request", request}, {"subject", subject}, {"position", position->text()}});
    } else {
      log::debug("not written, or not known",
                 {{"type", type}, {"request", request}, {"subject", subject}, {"reason", position.error().reason}});
    }
  }
};

}  // namespace

EventWriter::EventWriter(EventLog& log, const Clock& clock) : log_(log), clock_(clock), incarnation_(crypto::uuid_v7(clock.now())) {}

async::Task<Result<Appended>> EventWriter::append(Draft draft) {
  std::optional<EventId> id;
  std::string bytes;
  std::optional<Written> written;
  if (log::shows_debug()) written.emplace(draft);
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
  if (written) written->say(position);
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
