#include "views/view.hpp"

#include <algorithm>
#include <map>

namespace quicklime::views {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kPoll{5};

Failure another_epoch(Position asked, Position held) {
  return fail(ErrorCode::conflict, "position-of-another-epoch",
              "position " + asked.text() + " is of another epoch than the log's " + held.text() + ": the log was restored; read again");
}

Failure went_back(const std::string& name, const Meta& floor, const Meta& found) {
  return fail(Error{
      ErrorCode::unavailable, "view-went-back",
      "the view " + name + " stood at " + floor.anchor.position.text() + " and now answers from " + found.anchor.position.text(), "", 1});
}

}  // namespace

struct View::Waiting {
  using Reached = async::Completion<Result<void>>;
  struct Waiter {
    Position position;
    Reached reached;
  };

  std::mutex mutex;
  std::optional<Meta> highest;    // as last heard, of the highest position
  std::optional<Meta> announced;  // of the last move that waiters were woken by
  bool complete_since_start = false;
  std::optional<Instant> started;  // the store's time at the first read
  std::map<std::uint64_t, Waiter> waiters;
  std::uint64_t next_waiter = 0;
  steady_clock::time_point polled_at{};
  using Observers = std::vector<std::function<void()>>;
  std::shared_ptr<const Observers> moved = std::make_shared<Observers>();

  std::optional<Meta> floor() {
    std::lock_guard lock(mutex);
    return highest;
  }

  // A store whose clock was put back counts from there: what is noted since is later.
  void read_at(Instant time) {
    std::lock_guard lock(mutex);
    started = started ? std::min(*started, time) : time;
  }

  Result<void> require(const std::string& name, const Meta& meta, Complete complete) {
    if (!age(meta)) {
      return fail(Error{ErrorCode::unavailable, "view-incomplete",
                        "the view " + name + " is being folded, stands at " + meta.anchor.position.text() + " and was never complete", "",
                        1});
    }
    std::lock_guard lock(mutex);
    if (started && meta.caught_up_at >= *started && meta.caught_up_at <= meta.read_at) complete_since_start = true;
    // From then on it is by the floor: what a view of another generation has not said of itself yet holds all of that, too.
    if (complete == Complete::once || complete_since_start) return {};
    return fail(Error{ErrorCode::unavailable, "view-incomplete",
                      "the view " + name + " was last complete at " + meta.caught_up_at.rfc3339() +
                          ", before this process started; its projector has to have come to the end of the log since",
                      "", 1});
  }

  // Nullopt: not yet.
  static std::optional<Result<void>> verdict(const Meta& meta, Position position) {
    if (meta.anchor.position.epoch != position.epoch) return another_epoch(position, meta.anchor.position);
    if (meta.anchor.position.offset >= position.offset) return Result<void>();
    return std::nullopt;
  }

  void heard(const Meta& meta) {
    std::lock_guard lock(mutex);
    if (highest && (meta.anchor.position < highest->anchor.position ||
                    (meta.anchor.position == highest->anchor.position && meta.read_at < highest->read_at))) {
      return;
    }
    highest = meta;
  }

  void wake(const Meta& meta) {
    std::shared_ptr<const Observers> observers;
    {
      std::lock_guard lock(mutex);
      if (announced && meta.anchor.position < announced->anchor.position) return;
      const bool stands_still = announced && announced->anchor.position == meta.anchor.position;
      announced = meta;
      if (stands_still) return;
      for (auto& [id, waiter] : waiters) {
        if (auto decided = verdict(meta, waiter.position)) waiter.reached.complete(std::move(*decided));
      }
      observers = moved;
    }
    for (const auto& observer : *observers) observer();
  }

  bool may_poll() {
    std::lock_guard lock(mutex);
    const auto now = steady_clock::now();
    if (now - polled_at < kPoll) return false;
    polled_at = now;
    return true;
  }
};

namespace {

// What a read of the meta alone asks: it is looked at by whoever reads it.
using Asked = std::optional<Complete>;

// A read that never answers from before what this process has already answered from, nor from what is not complete.
// Where a runner notifies, reads wake nobody: whoever waits goes on only after the process has heard what changed and
// dropped what it had cached.
template <class Answer, class WaitingState, class Read>
async::Task<Result<Answer>> never_back(std::string name, View::Notified notified, std::shared_ptr<WaitingState> waiting, Asked asked,
                                       Read read) {
  for (bool again = false;; again = true) {
    const std::optional<Meta> floor = waiting->floor();
    const auto asked_at = steady_clock::now();
    Result<Answer> answer = co_await read();
    if (!answer) {
      if (again || answer.error().reason != "view-missing") co_return answer;
      continue;
    }
    answer->meta.asked_at = asked_at;
    const Meta& found = answer->meta;
    waiting->read_at(found.read_at);
    const bool below = floor && found.anchor.position < floor->anchor.position;
    if (floor && ((below && asked != Complete::once) || found.anchor.log_id != floor->anchor.log_id)) {
      if (again) co_return went_back(name, *floor, found);
      continue;
    }
    waiting->heard(found);
    if (notified == View::Notified::by_polling) {
      waiting->wake(found);
      if (asked) {
        if (auto complete = waiting->require(name, found, *asked); !complete) co_return forward(complete);
      }
    }
    co_return answer;
  }
}

}  // namespace

View::View(std::string name, ViewStore& store, Notified notified)
    : name_(std::move(name)), store_(store), notified_(notified), waiting_(std::make_shared<Waiting>()) {}

async::Task<Result<Points>> View::get(std::vector<PointKey> keys, Complete complete) {
  return never_back<Points>(name_, notified_, waiting_, complete, [&store = store_, keys = std::move(keys)] { return store.get(keys); });
}

async::Task<Result<Keys>> View::scan(Scan scan, Complete complete) {
  return never_back<Keys>(name_, notified_, waiting_, complete, [&store = store_, scan = std::move(scan)] { return store.scan(scan); });
}

async::Task<Result<Count>> View::count(Scan scan) {
  return never_back<Count>(name_, notified_, waiting_, Complete::since_start,
                           [&store = store_, scan = std::move(scan)] { return store.count(scan); });
}

async::Task<Result<Meta>> View::meta() {
  auto points = co_await never_back<Points>(name_, notified_, waiting_, std::nullopt, [&store = store_] { return store.get({}); });
  if (!points) co_return forward(points);
  co_return std::move(points->meta);
}

Result<void> View::require(const Meta& meta, Complete complete) const { return waiting_->require(name_, meta, complete); }

void View::never_below(const LogId& log, Position position) {
  const auto never = Instant::from_milliseconds(0);
  waiting_->heard(Meta{eventlog::Anchor{log, position, {}, {}}, 0, never, never});
}

async::Task<Result<void>> View::reached(Position position, Milliseconds within) {
  const auto deadline = steady_clock::now() + within;
  const Waiting::Reached reached;
  // Also when the coroutine is destroyed while it waits.
  struct Registration {
    std::shared_ptr<Waiting> waiting;
    std::uint64_t id;
    ~Registration() {
      std::lock_guard lock(waiting->mutex);
      waiting->waiters.erase(id);
    }
  };
  std::optional<Result<void>> decided;
  std::uint64_t id = 0;
  {
    std::lock_guard lock(waiting_->mutex);
    if (waiting_->announced) decided = Waiting::verdict(*waiting_->announced, position);
    id = waiting_->next_waiter++;
    waiting_->waiters.emplace(id, Waiting::Waiter{position, reached});
  }
  const Registration registration{waiting_, id};

  while (!decided) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      co_return fail(Error{ErrorCode::unavailable, "view-behind",
                           "the view " + name_ + " has not reached position " + position.text() + " within " + duration_text(within), "",
                           1});
    }
    if (notified_ == Notified::by_runner) {
      decided = co_await reached.wait_for(left);
      continue;
    }
    co_await look();
    decided = co_await reached.wait_for(std::min(left, kPoll));
  }
  co_return *decided;
}

// One poll per interval whatever waits: the first to find it due makes it for all.
async::Task<void> View::look() {
  if (notified_ == Notified::by_polling && waiting_->may_poll()) (void)co_await meta();
}

void View::on_moved(std::function<void()> observer) {
  std::lock_guard lock(waiting_->mutex);
  auto observers = std::make_shared<Waiting::Observers>(*waiting_->moved);
  observers->push_back(std::move(observer));
  waiting_->moved = std::move(observers);
}

void View::applied(const Meta& meta) {
  waiting_->heard(meta);
  waiting_->wake(meta);
}

std::optional<Meta> View::last_meta() const { return waiting_->floor(); }

std::optional<Milliseconds> age(const Meta& meta) {
  if (meta.caught_up_at.milliseconds() == 0) return std::nullopt;
  return meta.read_at - meta.caught_up_at;
}

Result<eventlog::PersistBy> require_fresh(const Meta& meta, Milliseconds limit) {
  const auto old = age(meta);
  if (!old) return fail(Error{ErrorCode::unavailable, "view-stale", "the view is being folded and was never complete", "", 1});
  if (old->count() >= 0 && *old <= limit) return meta.asked_at + (limit - *old);
  return fail(Error{ErrorCode::unavailable, "view-stale",
                    "the view knows the log as of " + meta.caught_up_at.rfc3339() + ", which is too old to decide by", "", 1});
}

}  // namespace quicklime::views
