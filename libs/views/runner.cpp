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

  // Views that take the same records, from one reader.
  struct Group {
    std::vector<Follower*> views;
    std::unique_ptr<eventlog::LogReader> reader;  // set under the mutex, for wake
    std::uint64_t next = 0;                       // offset of what the reader gives next
    std::vector<Decoded> batch;                   // read, and not taken by all of them yet

    bool has(const Follower* view) const { return std::find(views.begin(), views.end(), view) != views.end(); }
  };

  eventlog::EventLog& log;
  const RunnerOptions options;
  std::function<void(const Applied&)> observer;
  std::vector<std::unique_ptr<Follower>> followers;
  // Where the log ends, and those that are on their way there: a batch of the one is followed by one of the other.
  Group front, behind;
  std::minstd_rand jitter{std::random_device{}()};
  steady_clock::time_point ask_at{};    // the next question for the log's end
  steady_clock::time_point start_at{};  // the next attempt to start what has not started

  std::mutex mutex;
  std::condition_variable changed;
  bool stopping = false;
  bool paused = false;
  bool resting = false;
  std::thread thread;

  void run();
  bool go_on();
  Milliseconds jittered(Milliseconds duration);
  void rest(Milliseconds duration);
  void set_reader(Group& group, std::unique_ptr<eventlog::LogReader> reader);
  void start_views();
  void ask();
  void arrange();
  void arrange_front();
  void arrange_behind();
  bool advance(Group& group, std::size_t events, Milliseconds wait);
  bool open_reader(Group& group);
  bool read(Group& group, std::size_t events, Milliseconds wait);
  bool fold(Group& group);
  // Under the mutex.
  void wake_readers() {
    for (Group* group : {&front, &behind}) {
      if (group->reader) group->reader->wake();
    }
  }
  std::vector<Follower*> active() const {
    std::vector<Follower*> views;
    for (const auto& follower : followers) {
      if (follower->active()) views.push_back(follower.get());
    }
    return views;
  }
};

void Runner::Implementation::run() {
  bool behind_advances = true;
  while (go_on()) {
    start_views();
    ask();
    arrange();
    auto wait = std::max(std::chrono::duration_cast<Milliseconds>(ask_at - steady_clock::now()), Milliseconds(1));
    bool front_advances = false;
    if (!front.views.empty()) {
      if (!behind.views.empty()) wait = behind_advances ? Milliseconds(0) : std::min(wait, kRetry);
      front_advances = advance(front, options.batch_events, wait);
      wait = Milliseconds(0);
      if (!go_on()) break;
    }
    behind_advances = advance(behind, front.views.empty() ? options.batch_events : options.batch_events_behind, wait);
    if (!front_advances && !behind_advances) rest(kRetry);
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

// Two runners on one view must not stay in step.
Milliseconds Runner::Implementation::jittered(Milliseconds duration) {
  const Milliseconds half(duration.count() / 2);
  return half + Milliseconds(static_cast<std::int64_t>(jitter()) % (half.count() + 1));
}

void Runner::Implementation::rest(Milliseconds duration) {
  const Milliseconds time = jittered(duration);
  std::unique_lock lock(mutex);
  changed.wait_for(lock, time, [&] { return stopping || paused; });
}

void Runner::Implementation::set_reader(Group& group, std::unique_ptr<eventlog::LogReader> reader) {
  std::lock_guard lock(mutex);
  group.reader.swap(reader);
}

void Runner::Implementation::start_views() {
  if (steady_clock::now() < start_at) return;
  for (const auto& follower : followers) {
    if (follower->stopped() || follower->started()) continue;
    start_at = steady_clock::now() + jittered(kRetry);
    if (auto started = follower->start(log); !started && !follower->stopped()) {
      log::warning("a view cannot start yet", {{"view", follower->status().view}, {"detail", started.error().detail}});
    }
  }
}

// Notes the time, then asks the log for its end: a view that has applied up to it is as fresh as that time.
void Runner::Implementation::ask() {
  if (steady_clock::now() < ask_at) return;
  ask_at = steady_clock::now() + options.freshness_interval;
  bool asked = false;
  for (Follower* follower : active()) {
    if (follower->may_ask() && follower->note_time()) asked = true;
  }
  if (!asked) return;
  const auto end = log.end();
  for (Follower* follower : active()) {
    follower->answered(end ? std::optional(end->offset) : std::nullopt);
    follower->settle();
  }
}

// Who takes the next records, from where: views start, stop, and are found elsewhere, and one that was behind comes to where the
// others are.
void Runner::Implementation::arrange() {
  for (Group* group : {&front, &behind}) {
    std::erase_if(group->views, [](const Follower* view) { return !view->active(); });
  }
  arrange_front();
  arrange_behind();
}

void Runner::Implementation::arrange_front() {
  if (front.views.empty()) {
    front.batch.clear();
    set_reader(front, nullptr);
    front.next = 0;
    for (const Follower* view : active()) {
      if (view->caught_up()) front.next = std::max(front.next, view->next());
    }
    if (front.next == 0) return;  // nobody has been at the log's end
    if (behind.reader && behind.next == front.next) set_reader(front, std::move(behind.reader));
  }
  for (Follower* view : active()) {
    if (view->next() >= front.next && !front.has(view)) front.views.push_back(view);
  }
}

void Runner::Implementation::arrange_behind() {
  std::vector<Follower*> views;
  for (Follower* view : active()) {
    if (front.has(view) || (!views.empty() && view->turn() > views.front()->turn())) continue;
    if (!views.empty() && view->turn() < views.front()->turn()) views.clear();
    views.push_back(view);
  }
  if (views == behind.views && behind.reader) return;
  behind.views = std::move(views);
  behind.batch.clear();
  set_reader(behind, nullptr);
}

// False: not now.
bool Runner::Implementation::advance(Group& group, std::size_t events, Milliseconds wait) {
  if (group.views.empty()) return false;
  if (!group.reader && !open_reader(group)) return false;
  if (group.batch.empty() && !read(group, events, wait)) return false;
  if (!fold(group)) return false;
  for (Follower* view : group.views) view->settle();
  return true;
}

// From where the last of them stands.
bool Runner::Implementation::open_reader(Group& group) {
  Follower* const last =
      *std::min_element(group.views.begin(), group.views.end(), [](const Follower* a, const Follower* b) { return a->next() < b->next(); });
  auto followed = log.follow(last->anchor());
  if (!followed) {
    if (!passing(followed.error())) last->stop(followed.error().reason + ": " + followed.error().detail);
    return false;
  }
  group.next = last->next();
  set_reader(group, std::move(*followed));
  return true;
}

bool Runner::Implementation::read(Group& group, std::size_t events, Milliseconds wait) {
  auto records = group.reader->read(events, kBatchBytes, wait);
  if (!records && passing(records.error())) {
    log::warning("the log cannot be read and is asked again", {{"detail", records.error().detail}});
    return false;
  }
  if (!records) {
    for (Follower* view : group.views) view->stop(records.error().reason + ": " + records.error().detail);
    return false;
  }
  group.batch.reserve(records->size());
  for (eventlog::Record& record : *records) {
    group.next = record.position.offset + 1;
    auto event = events::decode(record.bytes);
    group.batch.push_back(Decoded{std::move(record), std::move(event)});
    if (!group.batch.back().event) break;  // nothing behind it can be folded
  }
  return true;
}

// False: one of them could not take the batch. At the log's end it is left behind, elsewhere the batch is kept for it.
bool Runner::Implementation::fold(Group& group) {
  std::vector<Follower*> late;
  for (Follower* view : group.views) {
    auto folded = view->fold(group.batch);
    if (folded || view->stopped()) continue;
    start_at = steady_clock::now() + jittered(kRetry);
    if (!view->started()) continue;
    log::warning("a view cannot be written and is tried again", {{"view", view->status().view}, {"detail", folded.error().detail}});
    late.push_back(view);
  }
  const bool all = late.empty();
  if (&group == &front && late.size() < group.views.size()) {
    std::erase_if(group.views, [&](Follower* view) { return std::find(late.begin(), late.end(), view) != late.end(); });
    late.clear();
  }
  if (late.empty()) group.batch.clear();
  return all;
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
    implementation_->wake_readers();
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
  implementation_->wake_readers();
  implementation_->changed.notify_all();
  if (paused && implementation_->thread.joinable()) {
    implementation_->changed.wait(lock, [&] { return implementation_->resting || implementation_->stopping; });
  }
}

}  // namespace quicklime::views
