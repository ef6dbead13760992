// events: what happened, and what happens.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <thread>

#include "command_line/bodies.hpp"
#include "command_line/client.hpp"
#include "command_line/commands.hpp"
#include "command_line/output.hpp"

namespace quicklime::command_line {
namespace {

using namespace std::chrono_literals;
using runtime::Arguments;
using runtime::ExitCode;

constexpr std::size_t kEventPage = 500;
constexpr auto kServerAway = 30s;  // so long it is looked for when it was there before
constexpr auto kLookAgain = 1s;

Result<std::size_t> event_limit(const Arguments& arguments) {
  const std::string text = arguments.text("--limit", "100");
  std::size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  if (error == std::errc() && end == text.data() + text.size()) return limit;
  return wrong_use("--limit takes a number, not '" + text + "'");
}

class Shown {
 public:
  explicit Shown(const Arguments& arguments) : json_(arguments.text("--output") == "json") {}

  void show(const EventLine& event) const {
    if (json_) {
      std::printf("%s\n", event.json.c_str());
    } else {
      std::printf("%-8s  %s  %-20s  %s", event.position.c_str(), event.time.c_str(), event.type.c_str(), event.actor.c_str());
      if (!event.subject.empty()) std::printf("  %s", event.subject.c_str());
      for (const auto& detail : event.details) std::printf("  %s", detail.c_str());
      std::printf("\n");
    }
    std::fflush(stdout);
  }

 private:
  const bool json_;
};

// Of a text/event-stream, by lines: only what our own server sends is read (docs/openapi.yaml).
class Followed {
 public:
  explicit Followed(const Shown& shown) : shown_(shown) {}

  // false: what came is no event as this version knows it.
  bool take(std::string_view piece) {
    rest_ += piece;
    for (std::size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      const std::string line = rest_.substr(0, end);
      rest_.erase(0, end + 1);
      if (line.starts_with("id: ")) last_ = line.substr(4);
      if (!line.starts_with("data: ")) continue;
      const auto event = decode_event(line.substr(6));
      if (!event) {
        failure_ = event.error();
        return false;
      }
      shown_.show(*event);
    }
    return true;
  }
  void begin_anew() { rest_.clear(); }
  const std::string& last() const { return last_; }  // position
  const std::optional<Error>& failure() const { return failure_; }

 private:
  const Shown& shown_;
  std::string rest_;
  std::string last_;
  std::optional<Error> failure_;
};

// Until it is interrupted, or the server is away for long: a server that is started anew loses no event of anybody's.
ExitCode follow(Remote& remote, const std::string& type, const std::string& after, const Shown& shown) {
  Followed followed(shown);
  constexpr auto never = std::chrono::steady_clock::time_point::max();
  auto give_up = never;
  const std::string target = "/v1/events" + (type.empty() ? "" : "?type=" + http::percent_encode(type));
  for (;;) {
    const auto take = [&](std::string_view piece) {
      give_up = never;
      return followed.take(piece);
    };
    const auto read = remote.read_on(target, "text/event-stream", followed.last().empty() ? after : followed.last(), take);
    if (followed.failure()) return report(*followed.failure());
    const bool passes = !read && read.error().code == ErrorCode::unavailable;
    if (!read && (!passes || followed.last().empty())) return report(read.error());
    followed.begin_anew();
    const auto now = std::chrono::steady_clock::now();
    if (give_up == never) {
      std::fprintf(stderr, "The server has ended the answer; it is asked again from where it stopped.\n");
      give_up = now + kServerAway;
    }
    if (now >= give_up)
      return report(read ? Error{ErrorCode::unavailable, "answer-cut", "the server ends every answer at once"} : read.error());
    std::this_thread::sleep_for(kLookAgain);
  }
}

// The newest, oldest first; with a position those behind it, and the first of them.
Result<EventPage> listed(Remote& remote, const std::string& filters, std::size_t limit, bool newest) {
  EventPage all;
  while (all.events.size() < limit) {
    std::string target = "/v1/events?limit=" + std::to_string(std::min(kEventPage, limit - all.events.size())) + filters;
    if (!all.next.empty()) target += "&cursor=" + http::percent_encode(all.next);
    const auto body = remote.get(std::move(target));
    if (!body) return forward(body);
    auto page = decode_events(*body);
    if (!page) return forward(page);
    all.events.insert(all.events.end(), std::make_move_iterator(page->events.begin()), std::make_move_iterator(page->events.end()));
    if (all.position.empty()) all.position = page->position;
    all.next = page->next;
    if (all.next.empty()) break;
  }
  if (newest) std::reverse(all.events.begin(), all.events.end());
  return all;
}

ExitCode run_events(const Arguments& arguments) {
  const auto limit = event_limit(arguments);
  if (!limit) return report(limit.error());
  const std::string after = arguments.text("--after"), type = arguments.text("--type");
  auto remote = Remote::connect(arguments, "events");
  if (!remote) return report(remote.error());
  const Shown shown(arguments);
  // Whoever follows from a position on is told all of them by the stream.
  if (arguments.has("--follow") && !after.empty()) return follow(**remote, type, after, shown);

  std::string filters;
  if (!after.empty()) filters += "&after=" + http::percent_encode(after);
  if (!type.empty()) filters += "&type=" + http::percent_encode(type);
  const auto page = listed(**remote, filters, *limit, after.empty());
  if (!page) return report(page.error());
  for (const auto& event : page->events) shown.show(event);
  if (arguments.has("--follow")) return follow(**remote, type, page->position, shown);
  std::fprintf(stderr, "%zu event%s as of position %s%s\n", page->events.size(), page->events.size() == 1 ? "" : "s",
               page->position.c_str(), page->next.empty() ? "" : "; there are more: --limit N");
  return ExitCode::ok;
}

}  // namespace

std::vector<runtime::Command> event_commands() {
  return {{.name = "events",
           .purpose = "Show what happened, as the log has it: the newest events, or those behind a position; with --follow also what "
                      "happens, as it happens",
           .examples = {"quicklime events", "quicklime events --follow --type certificate.issued,certificate.revoked",
                        "quicklime events --after 0.4711 --follow -o json"},
           .options = {{.name = "--follow",
                        .value = "",
                        .help = "go on until interrupted; a server that is started anew is asked again from where it stopped"},
                       {.name = "--type", .value = "TYPE", .help = "certificate.issued, or several with commas between them"},
                       {.name = "--after", .value = "POSITION", .help = "those behind this position"},
                       {.name = "--limit", .value = "N", .help = "at most so many of those that happened (default: 100)"}},
           .run = run_events}};
}

}  // namespace quicklime::command_line
