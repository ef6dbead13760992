#include "api/admission.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>

#include "async/completion.hpp"

namespace quicklime::api {
namespace {

using std::chrono::steady_clock;

constexpr Milliseconds kMoment{200};  // so long a request that was let in is expected to append
constexpr Milliseconds kLook{5}, kRarelyLook{100};
constexpr std::uint64_t kLongestAdvice = 30;

}  // namespace

struct Admission::State {
  views::View& view;
  const eventlog::EventWriter& writer;
  const Limits limits;
  metrics::Counter& refused;

  std::mutex mutex{};
  std::uint64_t next_ticket = 0;
  std::uint64_t admitted = 0;
  std::map<std::uint64_t, async::Completion<bool>> waiting{};
  std::map<std::uint64_t, steady_clock::time_point> recent{};  // let in a moment ago

  // What follows holds the mutex.

  std::uint64_t unfolded() const {
    const auto last = writer.progress().last_appended;
    const auto meta = view.last_meta();
    if (!last || !meta || meta->anchor.position.epoch != last->epoch) return 0;
    const std::uint64_t folded = meta->anchor.position.offset;
    return last->offset > folded ? last->offset - folded : 0;
  }
  bool room() {
    const auto moment_ago = steady_clock::now() - kMoment;
    std::erase_if(recent, [&](const auto& one) { return one.second < moment_ago; });
    return unfolded() + std::max(writer.progress().under_way, recent.size()) < limits.unfolded;
  }
  void let_in(std::uint64_t ticket) {
    ++admitted;
    recent.emplace(ticket, steady_clock::now());
  }

  // What follows takes it.

  void advance() {
    const std::lock_guard lock(mutex);
    while (!waiting.empty() && room()) {
      const auto first = waiting.extract(waiting.begin());
      let_in(first.key());
      first.mapped().complete(true);
    }
  }
  void leave(std::uint64_t ticket) {
    {
      const std::lock_guard lock(mutex);
      if (waiting.erase(ticket) == 0) recent.erase(ticket);
    }
    advance();
  }
  bool is_first(std::uint64_t ticket) {
    const std::lock_guard lock(mutex);
    return !waiting.empty() && waiting.begin()->first == ticket;
  }
  // The one that came when so many had been let in gives up, unless it is let in this moment.
  Result<void> give_up(std::uint64_t ticket, std::uint64_t admitted_before) {
    const std::lock_guard lock(mutex);
    if (!waiting.contains(ticket)) return {};
    refused.add();
    const std::uint64_t moved = std::max<std::uint64_t>(admitted - admitted_before, 1);
    const auto waited = static_cast<std::uint64_t>(limits.wait.count());
    const std::uint64_t seconds = (waited * waiting.size() / moved + 999) / 1000;
    return fail(Error{ErrorCode::unavailable, "overloaded",
                      std::to_string(unfolded()) + " events of the log are not in the view " + view.name() + " yet, and " +
                          std::to_string(waiting.size()) + " requests wait to write; nothing was done, ask again later",
                      "", static_cast<std::uint32_t>(std::clamp<std::uint64_t>(seconds, 1, kLongestAdvice))});
  }
};

Admission::Permit::~Permit() {
  if (state_) state_->leave(ticket_);
}

Admission::Admission(views::View& view, const eventlog::EventWriter& writer, Limits limits, metrics::Registry& metrics)
    : state_(new State{.view = view,
                       .writer = writer,
                       .limits = limits,
                       .refused = metrics.counter("quicklime_writes_refused_total", "Writes that waited in vain to be let in",
                                                  {{"view", view.name()}})}) {
  metrics.gauge("quicklime_writes_waiting", "Writes that wait to be let in",
                [state = state_] {
                  const std::lock_guard lock(state->mutex);
                  return static_cast<double>(state->waiting.size());
                },
                {{"view", view.name()}});
  view.on_moved([state = state_] { state->advance(); });
}

async::Task<Result<Admission::Permit>> Admission::admit() {
  const std::shared_ptr<State> state = state_;
  const async::Completion<bool> turn;
  std::uint64_t ticket = 0, admitted_before = 0;
  bool at_once = false;
  {
    const std::lock_guard lock(state->mutex);
    ticket = state->next_ticket++;
    admitted_before = state->admitted;
    at_once = state->waiting.empty() && state->room();
    if (at_once) {
      state->let_in(ticket);
    } else {
      state->waiting.emplace(ticket, turn);
    }
  }
  Permit permit(state, ticket);
  const auto deadline = steady_clock::now() + state->limits.wait;
  while (!at_once) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - steady_clock::now());
    if (left.count() <= 0) {
      if (auto given_up = state->give_up(ticket, admitted_before); !given_up) co_return forward(given_up);
      break;
    }
    // One looks for all; the others see to it that a queue that nobody leads goes on.
    const bool looks = state->view.notified() == views::View::Notified::by_polling && state->is_first(ticket);
    if (looks) co_await state->view.look();
    state->advance();
    const auto let_in = co_await turn.wait_for(std::min(left, looks ? kLook : kRarelyLook));
    if (let_in) break;
  }
  co_return permit;
}

}  // namespace quicklime::api
