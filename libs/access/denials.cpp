#include "access/denials.hpp"

#include <vector>

#include "base/logging.hpp"
#include "base/printable.hpp"

namespace quicklime::access {
namespace {

constexpr std::uint64_t kEventsPerMinute = 10;
constexpr std::size_t kLongestDetail = 500;
constexpr std::int64_t kMinute = 60'000;

// What a refusal says of a request may repeat what stood in it.
std::string recorded(const std::string& text) {
  if (shows_a_secret(text)) return "left out: it shows a token or a revocation secret";
  return printable(text);
}

// At most this many characters, and never half of one.
std::string truncated(const std::string& text) {
  std::size_t characters = 0;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool begins = (static_cast<unsigned char>(text[at]) & 0xC0U) != 0x80U;
    if (begins && ++characters > kLongestDetail) return text.substr(0, at);
  }
  return text;
}

}  // namespace

struct Denials::Implementation {
  // One identity's minute.
  struct Window {
    events::Actor actor;
    std::int64_t minute;
    std::uint64_t written = 0;
    std::uint64_t suppressed = 0;
    std::optional<eventlog::Draft> last{};  // of the suppressed ones: what the event with the count shows
  };

  eventlog::EventWriter& writer;
  const Clock& clock;
  std::mutex mutex{};
  std::map<std::pair<events::Actor::Kind, std::string>, Window> windows{};

  std::int64_t minute() const { return clock.now().milliseconds() / kMinute; }

  // Under the mutex.
  Window& window_of(const events::Actor& actor, std::int64_t minute) {
    const auto found = windows.find({actor.kind, actor.id});
    if (found != windows.end()) return found->second;
    if (windows.size() < kIdentities) return windows.try_emplace({actor.kind, actor.id}, Window{actor, minute}).first->second;
    const events::Actor others{events::Actor::Kind::process, "denials"};
    return windows.try_emplace({others.kind, others.id}, Window{others, minute, kEventsPerMinute}).first->second;
  }

  // The event with the count, for a minute that is over. Under the mutex.
  static std::optional<eventlog::Draft> close(Window& window) {
    if (!window.last) return std::nullopt;
    eventlog::Draft draft = *std::move(window.last);
    std::get<events::RequestDenied>(draft.data).count = window.suppressed;
    window.last.reset();
    return draft;
  }

  static async::Task<void> append(Implementation& self, eventlog::Draft draft) {
    const std::string id = draft.actor.id, request = draft.cause.request.text();
    const auto appended = co_await self.writer.append(std::move(draft));
    if (!appended)
      log::warning("a denial could not be written to the log", {{"actor", id}, {"request", request}, {"reason", appended.error().reason}});
  }
};

Denials::Denials(eventlog::EventWriter& writer, const Clock& clock)
    : implementation_(new Implementation{.writer = writer, .clock = clock}) {}
Denials::~Denials() = default;

async::Task<void> Denials::record(events::Actor actor, eventlog::Cause cause, Refusal refusal) {
  Implementation& self = *implementation_;
  eventlog::Draft draft{
      .actor = actor,
      .cause = std::move(cause),
      .subject = std::move(refusal.subject),
      .data = events::RequestDenied{std::move(refusal.route), refusal.error.reason, truncated(recorded(refusal.error.detail)), 1}};
  std::vector<eventlog::Draft> due;
  {
    const std::lock_guard lock(self.mutex);
    const std::int64_t minute = self.minute();
    auto& window = self.window_of(actor, minute);
    if (window.minute != minute) {
      if (auto closed = Implementation::close(window)) due.push_back(*std::move(closed));
      const std::uint64_t written = window.actor == actor ? 0 : kEventsPerMinute;
      window = Implementation::Window{window.actor, minute, written};
    }
    if (window.written < kEventsPerMinute) {
      ++window.written;
      due.push_back(std::move(draft));
    } else {
      ++window.suppressed;
      draft.actor = window.actor;
      window.last = std::move(draft);
    }
  }
  for (auto& event : due) co_await Implementation::append(self, std::move(event));
}

async::Task<void> Denials::flush(Which which) {
  Implementation& self = *implementation_;
  std::vector<eventlog::Draft> due;
  {
    const std::lock_guard lock(self.mutex);
    const std::int64_t minute = self.minute();
    for (auto entry = self.windows.begin(); entry != self.windows.end();) {
      if (which == Which::ended && entry->second.minute == minute) {
        ++entry;
        continue;
      }
      if (auto closed = Implementation::close(entry->second)) due.push_back(*std::move(closed));
      entry = self.windows.erase(entry);
    }
  }
  for (auto& event : due) co_await Implementation::append(self, std::move(event));
}

}  // namespace quicklime::access
