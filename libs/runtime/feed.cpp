#include "runtime/feed.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <map>
#include <mutex>

#include "events/codec.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kLookEvery{100};  // at a store that tells nobody that it has moved

using Read = Result<Feed::Events>;

// Blocks.
Read read_and_describe(eventlog::EventLog& log, std::uint64_t from, std::size_t maximum, Feed::Describe describe) {
  auto entries = log.read_range(from, maximum);
  if (!entries) return forward(entries);
  Feed::Events described;
  described.reserve(entries->size());
  for (const auto& entry : *entries) {
    const auto event = events::decode(entry.bytes);
    if (!event) return forward(event);
    described.push_back(std::make_shared<const DescribedEvent>(
        DescribedEvent{entry.position, std::string(events::type_name(event->data)), describe(*event, entry.position)}));
  }
  return described;
}

}  // namespace

struct Feed::State {
  eventlog::EventLog& log;
  views::View& view;
  async::OffloadPool& offload;
  const Describe describe;
  metrics::Counter& recent_reads;
  metrics::Counter& older_reads;

  std::mutex mutex{};
  std::deque<std::shared_ptr<const DescribedEvent>> kept{};  // without gaps
  std::size_t kept_bytes = 0;
  std::optional<async::Completion<bool>> reading{};  // somebody reads the log
  std::map<std::uint64_t, async::Completion<bool>> waiting{};
  std::uint64_t next_waiter = 0;
  std::chrono::steady_clock::time_point looked_at{};

  // What follows holds the mutex.

  std::uint64_t kept_begin() const { return kept.front()->position.offset; }
  std::uint64_t kept_end() const { return kept.back()->position.offset + 1; }
  bool has(std::uint64_t offset) const { return !kept.empty() && kept_begin() <= offset && offset < kept_end(); }
  Events from_kept(std::uint64_t from, std::size_t count) const {
    const auto begin = kept.begin() + static_cast<std::ptrdiff_t>(from - kept_begin());
    return {begin, begin + static_cast<std::ptrdiff_t>(std::min<std::size_t>(count, static_cast<std::size_t>(kept.end() - begin)))};
  }
  void keep(const Events& described) {
    if (!kept.empty() && !described.empty() && described.front()->position.offset != kept_end()) {
      kept.clear();
      kept_bytes = 0;
    }
    for (const auto& one : described) {
      kept.push_back(one);
      kept_bytes += one->text.size();
    }
    while (kept.size() > kKept || (kept_bytes > kKeptBytes && kept.size() > 1)) {
      kept_bytes -= kept.front()->text.size();
      kept.pop_front();
    }
  }

  // What follows takes it.

  void wake_all() {
    std::map<std::uint64_t, async::Completion<bool>> woken;
    {
      const std::lock_guard lock(mutex);
      woken.swap(waiting);
    }
    for (const auto& [id, waiter] : woken) waiter.complete(true);
  }
  bool may_look() {
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    if (now - looked_at < kLookEvery) return false;
    looked_at = now;
    return true;
  }
  // How many events the view has folded: offsets have no gaps.
  std::uint64_t folded() const {
    const auto meta = view.last_meta();
    return meta ? meta->anchor.position.offset + 1 : 0;
  }

  async::Task<Read> read_log(std::uint64_t from, std::size_t maximum) {
    return offload.run([&log = log, from, maximum, describe = describe] { return read_and_describe(log, from, maximum, describe); });
  }
  async::Task<Result<bool>> read_next(std::uint64_t from, std::uint64_t end);
};

namespace {

// Over also when the coroutine that reads is destroyed with its loop.
class Reading {
 public:
  // The caller holds the mutex.
  explicit Reading(Feed::State& state) : state_(state) { state_.reading.emplace(); }
  ~Reading() {
    std::optional<async::Completion<bool>> done;
    {
      const std::lock_guard lock(state_.mutex);
      done.swap(state_.reading);
    }
    if (done) done->complete(true);
  }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

 private:
  Feed::State& state_;
};

}  // namespace

Feed::Feed(eventlog::EventLog& log, views::View& view, async::OffloadPool& offload, Describe describe, metrics::Registry& metrics) {
  const auto reads = [&](const char* of) -> metrics::Counter& {
    return metrics.counter("quicklime_feed_reads_total", "Reads of the log for those who follow it: what is kept for all, and what is not",
                           {{"view", view.name()}, {"of", of}});
  };
  state_.reset(new State{
      .log = log, .view = view, .offload = offload, .describe = describe, .recent_reads = reads("recent"), .older_reads = reads("older")});
  view.on_moved([state = std::weak_ptr<State>(state_)] {
    if (const auto here = state.lock()) here->wake_all();
  });
}

async::Task<Result<std::optional<Position>>> Feed::folded() {
  views::View& view = state_->view;
  if (view.notified() == views::View::Notified::by_polling || !view.last_meta()) {
    const auto meta = co_await view.meta();
    if (!meta && meta.error().reason != "view-missing") co_return forward(meta);
  }
  const auto last = view.last_meta();
  co_return last ? std::optional(last->anchor.position) : std::nullopt;
}

async::Task<Result<void>> Feed::require_of_this_log(Position position) {
  const auto now = co_await folded();
  if (!now) co_return forward(now);
  if (!*now || (*now)->epoch == position.epoch) co_return Result<void>();
  const std::shared_ptr<State> state = state_;
  if (position.offset <= (*now)->offset) {
    const auto there = co_await state->read_log(position.offset, 1);
    if (!there) co_return forward(there);
    if (!there->empty() && there->front()->position == position) co_return Result<void>();
  }
  co_return fail(ErrorCode::conflict, "position-of-another-epoch",
                 "position " + position.text() + " is of another epoch than the log's " + (*now)->text() +
                     ": the log was restored, and what stood there may be lost; begin anew");
}

// What follows `kept`, or what stands from here on where there is a gap; for all. Whether there was anything.
async::Task<Result<bool>> Feed::State::read_next(std::uint64_t from, std::uint64_t end) {
  const auto described = co_await read_log(from, std::min<std::uint64_t>(kRange, end - from));
  if (!described) co_return forward(described);
  recent_reads.add();
  const std::lock_guard lock(mutex);
  keep(*described);
  co_return !described->empty();
}

async::Task<Read> Feed::read(std::uint64_t from, std::size_t maximum) {
  const std::shared_ptr<State> state = state_;
  for (;;) {
    const std::uint64_t end = state->folded();
    if (from >= end) co_return Events();
    const std::size_t count = std::min<std::uint64_t>({maximum, kRange, end - from});
    std::unique_lock lock(state->mutex);
    if (state->has(from)) co_return state->from_kept(from, count);
    if (state->reading) {
      const async::Completion<bool> read = *state->reading;
      lock.unlock();
      co_await read.wait();
      continue;
    }
    const Reading reading(*state);
    if (end - from > kKept || (!state->kept.empty() && from < state->kept_begin())) {
      lock.unlock();
      state->older_reads.add();
      co_return co_await state->read_log(from, count);
    }
    const bool follows = !state->kept.empty() && end - state->kept_end() <= kKept;
    const std::uint64_t begin = follows ? state->kept_end() : from;
    lock.unlock();
    const auto some = co_await state->read_next(begin, end);
    if (!some) co_return forward(some);
    if (!*some) co_return Events();
  }
}

async::Task<void> Feed::wait(std::uint64_t offset, async::Completion<bool> wake, Milliseconds within) {
  const std::shared_ptr<State> state = state_;
  struct Waiting {
    std::shared_ptr<State> state;
    std::uint64_t id;
    ~Waiting() {
      const std::lock_guard lock(state->mutex);
      state->waiting.erase(id);
    }
  };
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(state->mutex);
    id = state->next_waiter++;
    state->waiting.emplace(id, wake);
  }
  const Waiting registered{state, id};
  const auto until = std::chrono::steady_clock::now() + within;
  const bool polls = state->view.notified() == views::View::Notified::by_polling;
  while (state->folded() <= offset && !wake.completed()) {
    const auto left = std::chrono::ceil<Milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) co_return;
    if (polls && state->may_look()) co_await state->view.look();
    if (state->folded() > offset) co_return;
    (void)co_await wake.wait_for(polls ? std::min(left, kLookEvery) : left);
  }
}

}  // namespace quicklime::runtime
