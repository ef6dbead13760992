#include "runtime/expiries.hpp"

#include <algorithm>
#include <limits>

#include "async/task.hpp"
#include "base/logging.hpp"

namespace quicklime::runtime {
namespace {

constexpr Milliseconds kBetweenLooks{1'000};
constexpr std::chrono::hours kBetweenLines{24};

std::string sentence(const Expiry& expiry, Expiries::Stage stage) {
  if (stage == Expiries::Stage::good) return expiry.what + " until " + expiry.until.rfc3339_seconds();
  std::string how = " ended on " + expiry.until.rfc3339_seconds();
  if (stage == Expiries::Stage::due) how = " is past two thirds of its life, which ends on " + expiry.until.rfc3339_seconds();
  if (stage == Expiries::Stage::due && !expiry.fault.empty()) how = " " + expiry.fault;
  return expiry.what + how + (expiry.remedy.empty() ? "" : ": " + expiry.remedy);
}

}  // namespace

void Expiries::add(Source source) {
  const std::lock_guard lock(mutex_);
  sources_.push_back(std::move(source));
}

std::vector<Expiry> Expiries::all() const {
  std::vector<Source> sources;
  {
    const std::lock_guard lock(mutex_);
    sources = sources_;
  }
  std::vector<Expiry> all;
  for (const auto& source : sources) {
    for (auto& expiry : source()) {
      const auto known = std::find_if(all.begin(), all.end(), [&](const Expiry& one) { return one.what == expiry.what; });
      if (known == all.end()) {
        all.push_back(std::move(expiry));
      } else {
        *known = std::move(expiry);
      }
    }
  }
  return all;
}

Expiries::Stage Expiries::stage(const Expiry& expiry) const {
  const Instant now = clock_.now();
  if (now > expiry.until) return Stage::ended;
  if (!expiry.fault.empty()) return Stage::due;
  return now > expiry.until - (expiry.until - expiry.from) / 3 ? Stage::due : Stage::good;
}

std::string Expiries::lines() const {
  std::string lines;
  for (const auto& expiry : all()) {
    const auto stage_now = stage(expiry);
    lines += (stage_now == Stage::good ? "ok  " : "warn ") + sentence(expiry, stage_now) + "\n";
  }
  return lines;
}

bool Expiries::takes_a_line(LastLine& last, Stage stage, Instant now) const {
  const bool same = last.stage == stage;
  last.stage = stage;
  if (stage == Stage::good) return false;
  if (same && last.at && now - *last.at < kBetweenLines) return false;
  last.at = now;
  return true;
}

// Not under the mutex: whoever reads metrics comes from the registry's lock to this one.
void Expiries::add_metrics(const std::string& what) {
  metrics_.gauge("quicklime_expiry_timestamp_seconds", "When this ends, in seconds since 1970",
                 [this, what] {
                   const auto expiry = find(what);
                   return expiry ? static_cast<double>(expiry->until.milliseconds()) / 1000 : std::numeric_limits<double>::quiet_NaN();
                 },
                 {{"what", what}});
  metrics_.gauge("quicklime_expiry_due", "1 when it is past two thirds of its life, or has ended",
                 [this, what] {
                   const auto expiry = find(what);
                   return expiry && stage(*expiry) != Stage::good ? 1.0 : 0.0;
                 },
                 {{"what", what}});
}

std::optional<Expiry> Expiries::find(const std::string& what) const {
  for (auto& expiry : all()) {
    if (expiry.what == what) return std::move(expiry);
  }
  return std::nullopt;
}

std::size_t Expiries::look() {
  std::size_t lines = 0;
  const Instant now = clock_.now();
  for (const auto& expiry : all()) {
    const auto stage_now = stage(expiry);
    bool is_new = false, takes_line = false;
    {
      const std::lock_guard lock(mutex_);
      const auto [last, added] = last_lines_.try_emplace(expiry.what);
      is_new = added;
      takes_line = takes_a_line(last->second, stage_now, now);
    }
    if (is_new) add_metrics(expiry.what);
    if (!takes_line) continue;
    ++lines;
    log::write(stage_now == Stage::ended ? log::Level::error : log::Level::warning, sentence(expiry, stage_now), {{"what", expiry.what}});
  }
  return lines;
}

async::Task<void> Expiries::watch() {
  for (;;) {
    look();
    co_await async::sleep_for(kBetweenLooks);
  }
}

std::vector<Expiry> expiries_of(const std::vector<ca::Authority>& authorities) {
  std::vector<Expiry> expiries;
  for (const auto& authority : authorities) {
    if (authority.retired) continue;
    Expiry expiry{"authority " + authority.id.text(), authority.certificate.not_before(), authority.certificate.not_after(),
                  "no certificate can outlive it; add its successor (quicklime ca add, docs/authorities.md)"};
    if (authority.status.since) {
      expiry.fault = "is revoked since " + authority.status.since->rfc3339_seconds();
      expiry.remedy = "it issues nothing any more; add its successor (quicklime ca add, docs/authorities.md)";
    }
    expiries.push_back(std::move(expiry));
  }
  return expiries;
}

}  // namespace quicklime::runtime
