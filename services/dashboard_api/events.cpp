// GET /v1/events: what happens, as a list by pages or as a stream that goes on.
#include <algorithm>
#include <charconv>

#include "api/request_input.hpp"
#include "api/requests.hpp"
#include "base/json_object.hpp"
#include "dashboard_api/event_stream.hpp"
#include "dashboard_api/list.hpp"
#include "dashboard_api/routes.hpp"
#include "events/codec.hpp"

namespace quicklime::dashboard_api {
namespace {

struct EventQuestion {
  EventTypes types{};
  std::optional<Position> after{};
  std::size_t limit = 100;
  std::optional<Position> cursor{};
};

bool wants_stream(const http::Request& request) {
  const auto accept = request.headers.get("Accept");
  return accept && accept->find("text/event-stream") != std::string_view::npos;
}

const std::string* parameter(const http::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? nullptr : &found->second;
}

Result<EventTypes> read_types(std::string_view text) {
  const auto known = events::type_names();
  EventTypes types;
  for (;;) {
    const std::string_view type = text.substr(0, text.find(','));
    if (std::find(known.begin(), known.end(), type) == known.end()) {
      return fail(
          ErrorCode::invalid, "type-unknown",
          "there are no events of type \"" + std::string(type.substr(0, 64)) + "\"; docs/events has them all, as certificate.issued",
          "type");
    }
    types.emplace_back(type);
    if (type.size() == text.size()) return types;
    text.remove_prefix(type.size() + 1);
  }
}

Result<EventQuestion> read_event_question(const http::Request& request) {
  const bool streamed = wants_stream(request);
  if (auto known =
          streamed ? api::only_parameters(request, {"type", "after"}) : api::only_parameters(request, {"type", "after", "limit", "cursor"});
      !known) {
    return forward(known);
  }
  EventQuestion question;
  if (const auto* text = parameter(request, "type")) {
    auto types = read_types(*text);
    if (!types) return forward(types);
    question.types = *std::move(types);
  }
  // Whoever comes back says where he was in the header, and asks for the same URL as at first.
  const auto last = streamed ? request.headers.get("Last-Event-ID") : std::nullopt;
  const auto* after = parameter(request, "after");
  if (after != nullptr || (last && !last->empty())) {
    auto position = Position::parse(last && !last->empty() ? *last : std::string_view(*after));
    if (!position) {
      position.error().field = last ? "Last-Event-ID" : "after";
      return forward(position);
    }
    question.after = *position;
  }
  if (const auto* text = parameter(request, "limit")) {
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), question.limit);
    if (error != std::errc{} || end != text->data() + text->size() || question.limit < 1 || question.limit > kMaximumPage) {
      return fail(ErrorCode::invalid, "limit-malformed", "limit is a number from 1 to 500", "limit");
    }
  }
  if (const auto* text = parameter(request, "cursor")) {
    const auto position = Position::parse(*text);
    if (!position) {
      return fail(ErrorCode::invalid, "cursor-malformed",
                  "the cursor is not one of this list: pass on `next` as it came, with the same filters", "cursor");
    }
    question.cursor = *position;
  }
  return question;
}

struct EventPage {
  std::vector<std::shared_ptr<const runtime::DescribedEvent>> events;
  std::optional<Position> next;
};

class Events {
 public:
  explicit Events(const api::ServiceContext& context)
      : feed_(std::make_shared<runtime::Feed>(context.log, context.view, context.pools.log, describe_event, context.metrics)) {}

  async::Task<Answer> answer(Call& call) {
    const auto question = read_event_question(call.request);
    if (!question) co_return forward(question);
    const auto folded = co_await feed_->folded();
    if (!folded) co_return forward(folded);
    if (!*folded) co_return fail(Error{ErrorCode::unavailable, "view-incomplete", "the view has folded nothing of the log yet", "", 1});
    if (question->after) {
      if (auto ours = co_await feed_->require_of_this_log(*question->after); !ours) co_return forward(ours);
    }
    http::Response response;
    if (wants_stream(call.request)) {
      response.headers.add("Content-Type", "text/event-stream");
      response.headers.add("X-Accel-Buffering", "no");  // nginx would keep events back until it has a buffer full of them
      response.stream = event_stream(feed_, question->after.value_or(**folded), question->types);
    } else {
      const auto page = co_await page_of(*question, **folded);
      if (!page) co_return forward(page);
      response = http::Response::json(200, page_text(*page, **folded));
    }
    response.headers.add("Cache-Control", "no-store");
    api::set_position(response, **folded);
    co_return response;
  }

 private:
  async::Task<Result<EventPage>> page_of(const EventQuestion& question, Position folded) {
    if (question.after) return page_behind(question, folded);
    return page_before(question, folded);
  }

  // Oldest first, behind `after`.
  async::Task<Result<EventPage>> page_behind(const EventQuestion& question, Position folded) {
    EventPage page;
    Position last = question.cursor.value_or(*question.after);
    for (std::size_t examined = 0; last.offset < folded.offset;) {
      const auto events = co_await feed_->read(last.offset + 1);
      if (!events) co_return forward(events);
      for (const auto& event : *events) {
        if (page.events.size() == question.limit || examined == kMaximumExamined) {
          page.next = last;
          co_return page;
        }
        last = event->position;
        ++examined;
        if (is_one_of(question.types, event->type)) page.events.push_back(event);
      }
      if (events->empty()) break;
    }
    co_return page;
  }

  // Newest first.
  async::Task<Result<EventPage>> page_before(const EventQuestion& question, Position folded) {
    EventPage page;
    Position last{folded.epoch, folded.offset + 1};
    if (question.cursor && question.cursor->offset <= folded.offset) last = *question.cursor;
    for (std::size_t examined = 0; last.offset > 0;) {
      const auto window = co_await events_before(last.offset);
      if (!window) co_return forward(window);
      for (auto event = window->rbegin(); event != window->rend(); ++event) {
        if (page.events.size() == question.limit || examined == kMaximumExamined) {
          page.next = last;
          co_return page;
        }
        last = (*event)->position;
        ++examined;
        if (is_one_of(question.types, (*event)->type)) page.events.push_back(*event);
      }
      if (window->empty()) break;
    }
    co_return page;
  }

  // Some that end right before this offset, in order.
  async::Task<Result<runtime::Feed::Events>> events_before(std::uint64_t end) {
    runtime::Feed::Events events;
    for (std::uint64_t from = end - std::min<std::uint64_t>(end, runtime::Feed::kRange); from < end;) {
      const auto some = co_await feed_->read(from, static_cast<std::size_t>(end - from));
      if (!some) co_return forward(some);
      if (some->empty()) break;
      events.insert(events.end(), some->begin(), some->end());
      from = events.back()->position.offset + 1;
    }
    co_return events;
  }

  static std::string page_text(const EventPage& page, Position folded) {
    std::string json;
    JsonObject object(json);
    std::string& list = object.name("events");
    list += '[';
    for (const auto& event : page.events) {
      if (list.back() != '[') list += ',';
      list += event->text;
    }
    list += ']';
    if (page.next) object.string("next", page.next->text());
    object.string("position", folded.text());
    object.end();
    return json;
  }

  const std::shared_ptr<runtime::Feed> feed_;
};

}  // namespace

std::vector<api::Route> event_routes(const api::ServiceContext& context) {
  auto events = std::make_shared<Events>(context);
  return {{http::Method::get, "/v1/events", readers(), [events](Call& call) { return events->answer(call); }}};
}

}  // namespace quicklime::dashboard_api
