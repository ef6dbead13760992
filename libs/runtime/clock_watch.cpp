#include "runtime/clock_watch.hpp"

#include "base/logging.hpp"
#include "ca/read_event.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kInterval{10'000}, kRecent{30'000};

Milliseconds absolute(Milliseconds time) { return time < Milliseconds(0) ? -time : time; }

// "the store's clock is 92 s behind this one"
std::string apart(const std::string& other, Milliseconds ahead) {
  const auto tenths = absolute(ahead).count() / 100;
  return other + " is " + std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s " +
         (ahead > Milliseconds(0) ? "ahead of" : "behind") + " this one";
}

}  // namespace

ClockWatch::ClockWatch(eventlog::EventLog& log, views::View& view, const Clock& clock, async::OffloadPool& questions,
                       metrics::Registry& metrics, Milliseconds tolerance, Monotonic monotonic)
    : log_(log), view_(view), clock_(clock), questions_(questions), tolerance_(tolerance), monotonic_(std::move(monotonic)) {
  metrics.gauge("quicklime_clock_disagreement_seconds",
                "How far this process's clock and the furthest of the store's and the newest event's were apart at the last look", [this] {
                  const std::lock_guard lock(mutex_);
                  return static_cast<double>(furthest_.count()) / 1000;
                });
  metrics.gauge("quicklime_clocks_agreed_seconds",
                "For how long no look has found the clocks apart; views forget nothing before it has been a day",
                [this] { return static_cast<double>(agreed_for().count()) / 1000; });
}

async::Task<void> ClockWatch::watch() {
  for (;;) {
    co_await look();
    co_await async::sleep_for(kInterval);
  }
}

async::Task<void> ClockWatch::look() {
  const Instant before = clock_.now();
  const auto store = co_await view_.meta();
  if (!store) co_return;
  const Instant after = clock_.now();
  const auto newest = co_await newest_event();
  const std::lock_guard lock(mutex_);
  const Look now{clock_.now(), monotonic_(), newest ? newest->first.offset : last_ ? last_->newest : 0};

  Milliseconds furthest{0};
  std::string found;
  const auto compare = [&](const std::string& other, Milliseconds ahead) {
    furthest = std::max(furthest, absolute(ahead));
    if (absolute(ahead) > tolerance_) found += (found.empty() ? "" : "; ") + apart(other, ahead);
  };
  // A read takes time: what lies between its beginning and its end is no difference.
  if (store->read_at > after) compare("the clock of the view's store", store->read_at - after);
  if (store->read_at < before) compare("the clock of the view's store", store->read_at - before);
  if (newest) {
    const Instant written = newest->second.time;
    if (written > now.own) compare("the clock that the newest event was written by", written - now.own);
    if (last_ && last_->newest < now.newest && written < last_->own) {
      compare("the clock that the newest event was written by", written - last_->own);
    }
  }
  if (last_) {
    const auto passed = std::chrono::duration_cast<Milliseconds>(now.monotonic - last_->monotonic);
    compare("the time that has passed since the last look", (last_->own + passed) - now.own);
  }
  last_ = now;
  conclude(now, furthest, std::move(found), newest.has_value());
}

async::Task<Result<std::pair<Position, events::Event>>> ClockWatch::newest_event() {
  const auto end = co_await questions_.run([&log = log_] { return log.end(); });
  if (!end) co_return forward(end);
  co_return co_await ca::read_event(log_, questions_, std::max<std::uint64_t>(end->offset, 1) - 1);
}

// Under the lock.
void ClockWatch::conclude(const Look& look, Milliseconds furthest, std::string found, bool complete) {
  if (complete) complete_ = look;
  furthest_ = furthest;
  if (found.empty() != disagreement_.empty()) {
    if (found.empty()) {
      log::info("the clocks agree again");
    } else {
      log::warning("clocks disagree: set them right, certificates and CRLs are dated by them", {{"how", found}});
    }
  }
  disagreement_ = std::move(found);
  if (!disagreement_.empty()) {
    agreed_since_.reset();
  } else if (complete && !agreed_since_) {
    agreed_since_ = monotonic_();
  }
}

std::string ClockWatch::disagreement() const {
  const std::lock_guard lock(mutex_);
  return disagreement_;
}

std::optional<Instant> ClockWatch::agreed_time(Milliseconds at_least) const {
  const std::lock_guard lock(mutex_);
  const auto now = monotonic_();
  if (agreed_by(now) < at_least) return std::nullopt;
  return complete_->own + std::chrono::duration_cast<Milliseconds>(now - complete_->monotonic);
}

Milliseconds ClockWatch::agreed_for() const {
  const std::lock_guard lock(mutex_);
  return agreed_by(monotonic_());
}

// Under the lock.
Milliseconds ClockWatch::agreed_by(std::chrono::steady_clock::time_point now) const {
  if (!agreed_since_ || !complete_ || now - complete_->monotonic >= kRecent) return Milliseconds(0);
  return std::chrono::duration_cast<Milliseconds>(now - *agreed_since_);
}

}  // namespace quicklime::runtime
