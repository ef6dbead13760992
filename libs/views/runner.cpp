#include "views/runner.hpp"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>

#include "base/logging.hpp"
#include "events/codec.hpp"
#include "views/follower.hpp"

namespace quicklime::views {
namespace {

using std::chrono::steady_clock;

constexpr std::size_t kBatchBytes = 1 << 20;
constexpr Milliseconds kRetry{100};  // after what is `unavailable`

bool passing(const Error& error) { return error.code == ErrorCode::unavailable || error.code == ErrorCode::outcome_unknown; }

}  // namespace

struct Runner::Implementation {
  Implementation(eventlog::EventLog& followed, std::vector<View> views, const RunnerOptions& chosen, metrics::Registry& metrics)
      : log(followed), options(chosen) {
    for (View& view : views) followers.push_back(std::make_unique<Follower>(std::move(view), observer, metrics));
  }

  eventlog::EventLog& log;
  const RunnerOptions options;
  std::function<void(const Applied&)> observer;
  std::vector<std::unique_ptr<Follower>> followers;
  std::minstd_rand jitter{std::random_device{}()};
  steady_clock::time_point ask_at{};  // the next question for the log's end

  std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<eventlog::LogReader> reader;  // set under the mutex, for wake
  bool stopping = false;
  bool paused = false;
  bool resting = false;
  std::thread thread;

  void run();
  bool go_on();
  void rest(Milliseconds duration);
  void drop_reader();
  void drop_reader_if_views_changed();
  bool open_reader();
  void ask();
  std::vector<Decoded> decode(std::vector<eventlog::Record> records);
  void fold(const std::vector<Decoded>& batch);
  void each_active(const std::function<void(Follower&)>& work) {
    for (const auto& follower : followers) {
      if (follower->started() && !follower->stopped()) work(*follower);
    }
  }
};

void Runner::Implementation::run() {
  while (go_on()) {
    if (!reader && !open_reader()) {
      rest(kRetry);
      continue;
    }
    ask();
    if (!reader) continue;  // a view was found elsewhere
    const auto until_question = std::chrono::duration_cast<Milliseconds>(ask_at - steady_clock::now());
    auto records = reader->read(options.batch_events, kBatchBytes, std::max(until_question, Milliseconds(1)));
    if (!go_on()) break;
    if (!records) {
      if (passing(records.error())) {
        log::warning("the log cannot be read and is asked again", {{"detail", records.error().detail}});
        rest(kRetry);
      } else {
        each_active([&](Follower& follower) { follower.stop(records.error().reason + ": " + records.error().detail); });
        drop_reader();
      }
      continue;
    }
    fold(decode(std::move(*records)));
    each_active([](Follower& follower) { follower.settle(); });
  }
}

// Waits while paused. False: stop.
bool Runner::Implementation::go_on() {
  std::unique_lock lock(mutex);
  if (paused && !stopping) {
    resting = true;
    changed.notify_all();
    changed.wait(lock, [&] { return !paused || stopping; });
    resting = false;
  }
  return !stopping;
}

void Runner::Implementation::rest(Milliseconds duration) {
  // Two runners on one view must not stay in step.
  const Milliseconds half(duration.count() / 2);
  const Milliseconds time = half + Milliseconds(static_cast<std::int64_t>(jitter()) % (half.count() + 1));
  std::unique_lock lock(mutex);
  changed.wait_for(lock, time, [&] { return stopping || paused; });
}

void Runner::Implementation::drop_reader() {
  std::unique_ptr<eventlog::LogReader> dropped;
  std::lock_guard lock(mutex);
  dropped = std::move(reader);
}

// Starts the views that are not under way and follows the log from where the last of them stands.
// False: not now, or nobody is left.
bool Runner::Implementation::open_reader() {
  for (const auto& follower : followers) {
    if (follower->stopped() || follower->started()) continue;
    if (auto started = follower->start(log); !started && !follower->stopped()) {
      log::warning("a view cannot start yet", {{"view", follower->status().view}, {"detail", started.error().detail}});
    }
  }
  Follower* last = nullptr;
  each_active([&](Follower& follower) {
    if (last == nullptr || follower.next() < last->next()) last = &follower;
  });
  if (last == nullptr) return false;
  auto followed = log.follow(last->anchor());
  if (!followed) {
    if (!passing(followed.error())) last->stop(followed.error().reason + ": " + followed.error().detail);
    return false;
  }
  std::lock_guard lock(mutex);
  reader = std::move(*followed);
  return true;
}

// Notes the time, then asks the log for its end: a view that has applied up to it is as fresh as that time.
void Runner::Implementation::ask() {
  if (steady_clock::now() < ask_at) return;
  ask_at = steady_clock::now() + options.freshness_interval;
  bool asked = false;
  each_active([&](Follower& follower) {
    if (follower.may_ask() && follower.note_time()) asked = true;
  });
  if (asked) {
    const auto end = log.end();
    each_active([&](Follower& follower) {
      follower.answered(end ? std::optional(end->offset) : std::nullopt);
      follower.settle();
    });
  }
  drop_reader_if_views_changed();
}

// A view that has yet to start, or to start again, may stand anywhere; and for nobody nothing is read.
void Runner::Implementation::drop_reader_if_views_changed() {
  const auto active = [](const auto& follower) { return follower->started() && !follower->stopped(); };
  const auto waits = [](const auto& follower) { return !follower->started() && !follower->stopped(); };
  const bool changed_views =
      std::any_of(followers.begin(), followers.end(), waits) || std::none_of(followers.begin(), followers.end(), active);
  if (changed_views) drop_reader();
}

std::vector<Decoded> Runner::Implementation::decode(std::vector<eventlog::Record> records) {
  std::vector<Decoded> batch;
  batch.reserve(records.size());
  for (eventlog::Record& record : records) {
    auto event = events::decode(record.bytes);
    batch.push_back(Decoded{std::move(record), std::move(event)});
    if (!batch.back().event) break;  // nothing behind it can be folded
  }
  return batch;
}

void Runner::Implementation::fold(const std::vector<Decoded>& batch) {
  bool moved = false;
  each_active([&](Follower& follower) {
    for (auto folded = follower.fold(batch); !folded && !follower.stopped(); folded = follower.fold(batch)) {
      moved = moved || !follower.started();
      if (!follower.started()) return;
      log::warning("a view cannot be written and is tried again", {{"view", follower.status().view}, {"detail", folded.error().detail}});
      rest(kRetry);
      if (!go_on()) return;
    }
  });
  if (!moved) return;
  drop_reader();
  rest(kRetry);
}

Runner::Runner(eventlog::EventLog& log, std::vector<View> views, RunnerOptions options, metrics::Registry& metrics)
    : implementation_(std::make_unique<Implementation>(log, std::move(views), options, metrics)) {}

Runner::~Runner() { stop(); }

void Runner::on_applied(std::function<void(const Applied&)> observer) { implementation_->observer = std::move(observer); }

void Runner::start() {
  implementation_->thread = std::thread([implementation = implementation_.get()] {
    pthread_setname_np(pthread_self(), "projections");
    implementation->run();
  });
}

void Runner::stop() {
  {
    std::lock_guard lock(implementation_->mutex);
    implementation_->stopping = true;
    if (implementation_->reader) implementation_->reader->wake();
  }
  implementation_->changed.notify_all();
  if (implementation_->thread.joinable()) implementation_->thread.join();
}

std::vector<Runner::Status> Runner::status() const {
  std::vector<Status> status;
  for (const auto& follower : implementation_->followers) status.push_back(follower->status());
  return status;
}

void Runner::pause_for_test(bool paused) {
  std::unique_lock lock(implementation_->mutex);
  implementation_->paused = paused;
  if (implementation_->reader) implementation_->reader->wake();
  implementation_->changed.notify_all();
  if (paused && implementation_->thread.joinable()) {
    implementation_->changed.wait(lock, [&] { return implementation_->resting || implementation_->stopping; });
  }
}

}  // namespace quicklime::views
