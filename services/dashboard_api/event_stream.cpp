#include "dashboard_api/event_stream.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/json_object.hpp"
#include "events/codec.hpp"

namespace quicklime::dashboard_api {
namespace {

constexpr std::size_t kEventPiece = 64 * 1024;
constexpr Milliseconds kLogAway{1'000};  // until it is asked again

// Nothing stands behind the largest offset, and none before it is read again.
Position behind(Position after) {
  after.offset = std::min(after.offset, std::numeric_limits<std::uint64_t>::max() - 1);
  return after;
}

class EventStream final : public http::BodyStream {
 public:
  EventStream(std::shared_ptr<runtime::Feed> feed, Position after, EventTypes types, Milliseconds heartbeat)
      : feed_(std::move(feed)), last_(behind(after)), types_(std::move(types)), heartbeat_(heartbeat) {}

  async::Task<Result<std::optional<std::string>>> next() override {
    if (!std::exchange(greeted_, true)) co_return "retry: 2000\nid: " + last_.text() + "\n\n";
    const auto silent_until = std::chrono::steady_clock::now() + heartbeat_;
    while (!stopped_) {
      const auto events = co_await feed_->read(last_.offset + 1);
      if (!events && events.error().code != ErrorCode::unavailable) co_return forward(events);
      std::string piece;
      if (events) take(*events, piece);
      if (!piece.empty()) co_return piece;
      const auto left = std::chrono::ceil<Milliseconds>(silent_until - std::chrono::steady_clock::now());
      if (left.count() <= 0) co_return ": heartbeat\nid: " + last_.text() + "\n\n";
      if (stopped_) break;
      wake_ = {};
      if (!events) {
        (void)co_await wake_.wait_for(std::min(left, kLogAway));
      } else if (events->empty()) {
        co_await feed_->wait(last_.offset + 1, wake_, left);
      } else {
        co_await async::yield();
      }
    }
    co_return std::nullopt;
  }

  // Whoever reads on begins where this ends.
  void stop() override {
    stopped_ = true;
    wake_.complete(false);
  }

 private:
  void take(const runtime::Feed::Events& events, std::string& piece) {
    for (const auto& event : events) {
      if (piece.size() >= kEventPiece) return;
      last_ = event->position;
      if (!is_one_of(types_, event->type)) continue;
      piece += "id: " + event->position.text() + "\nevent: " + event->type + "\ndata: " + event->text + "\n\n";
    }
  }

  const std::shared_ptr<runtime::Feed> feed_;
  Position last_;  // looked at
  const EventTypes types_;
  const Milliseconds heartbeat_;
  async::Completion<bool> wake_;
  bool greeted_ = false;
  bool stopped_ = false;
};

}  // namespace

std::string describe_event(const events::Event& event, Position position) {
  std::string json;
  JsonObject object(json);
  object.string("position", position.text());
  object.string("time", event.time.rfc3339());
  object.string("type", events::type_name(event.data));
  object.string("id", event.id.text());
  JsonObject actor(object.name("actor"));
  actor.string("kind", events::name(event.actor.kind));
  actor.string("id", event.actor.id);
  actor.end();
  if (event.on_behalf_of) object.string("on_behalf_of", *event.on_behalf_of);
  object.string("request", event.request.text());
  if (!event.traceparent.empty()) object.string("traceparent", event.traceparent);
  if (!event.subject.empty()) object.string("subject", event.subject);
  object.name("data") += events::shown_data(event.data);
  object.end();
  return json;
}

bool is_one_of(const EventTypes& types, std::string_view type) {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

std::shared_ptr<http::BodyStream> event_stream(std::shared_ptr<runtime::Feed> feed, Position after, EventTypes types,
                                               Milliseconds heartbeat) {
  return std::make_shared<EventStream>(std::move(feed), after, std::move(types), heartbeat);
}

}  // namespace quicklime::dashboard_api
