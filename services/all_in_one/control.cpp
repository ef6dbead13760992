#include "all_in_one/control.hpp"

#include <algorithm>
#include <charconv>

namespace quicklime::all_in_one {
namespace {

constexpr std::uint64_t kMaximumPage = 500;

Result<void> holds_the_directory(const Embedded& embedded, const http::Request& request) {
  if (request.peer.transport != async::Peer::Transport::unix_socket) {
    return fail(ErrorCode::denied, "control-socket-only", "this is answered on the control socket of the data directory only");
  }
  return access::may_use_control_socket(request.peer.uid, embedded.owner());
}

Result<std::optional<std::uint64_t>> number(const http::Request& request, const char* name) {
  const auto given = request.query.find(name);
  if (given == request.query.end()) return std::optional<std::uint64_t>();
  std::uint64_t value = 0;
  const std::string& text = given->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return fail(ErrorCode::invalid, "number-malformed", "'" + text + "' is no number", name);
  }
  return std::optional(value);
}

Result<http::Response> log_page(eventlog::EventLog& log, std::optional<std::uint64_t> from, std::uint64_t limit) {
  const auto end = log.end();
  if (!end) return forward(end);
  limit = std::min(limit, kMaximumPage);
  const std::uint64_t first = from.value_or(end->offset - std::min(limit, end->offset));
  std::vector<eventlog::Entry> records;
  for (std::uint64_t offset = first; offset < end->offset && offset - first < limit; ++offset) {
    auto record = log.read_one(offset);
    if (!record) return forward(record);
    records.push_back(std::move(*record));
  }
  return http::Response::json(200, encode_log_page(records, *end));
}

// Coroutines with parameters rather than captures: a handler's closure may not be where it was when they go on.
async::Task<Result<http::Response>> get_log(Embedded* embedded, const http::Request* request) {
  if (auto allowed = holds_the_directory(*embedded, *request); !allowed) co_return forward(allowed);
  const auto from = number(*request, "from");
  if (!from) co_return forward(from);
  const auto limit = number(*request, "limit");
  if (!limit) co_return forward(limit);
  co_return co_await embedded->pools().log.run(
      [log = &embedded->log(), from = *from, limit = limit->value_or(20)] { return log_page(*log, from, limit); });
}

async::Task<Result<http::Response>> verification(Embedded* embedded, const http::Request* request) {
  if (auto allowed = holds_the_directory(*embedded, *request); !allowed) co_return forward(allowed);
  if (request->method == http::Method::post) embedded->verification().start();
  co_return http::Response::json(200, encode(embedded->verification().status()));
}

Result<http::Response> view_states(Embedded& embedded) {
  const auto end = embedded.log().end();
  if (!end) return forward(end);
  std::vector<ViewStatus> views;
  for (const auto& status : embedded.runner().status()) {
    const std::uint64_t applied = status.applied ? status.position.offset + 1 : 0;
    views.push_back(
        {status.view, status.applied ? status.position.text() : "", end->offset - std::min(end->offset, applied), status.stopped});
  }
  return http::Response::json(200, encode(views));
}

async::Task<Result<http::Response>> get_views(Embedded* embedded, const http::Request* request) {
  if (auto allowed = holds_the_directory(*embedded, *request); !allowed) co_return forward(allowed);
  co_return co_await embedded->pools().log.run([embedded] { return view_states(*embedded); });
}

async::Task<Result<http::Response>> get_routes(Embedded* embedded, const http::Request* request) {
  if (auto allowed = holds_the_directory(*embedded, *request); !allowed) co_return forward(allowed);
  co_return http::Response::json(200, encode_routes(embedded->sites()));
}

}  // namespace

std::vector<http::Route> control_routes(Embedded& embedded) {
  const auto route = [&embedded](http::Method method, std::string path,
                                 async::Task<Result<http::Response>> (*handle)(Embedded*, const http::Request*)) {
    return http::Route{method, std::move(path), [&embedded, handle](const http::Request& request) { return handle(&embedded, &request); }};
  };
  return {route(http::Method::get, "/control/log", get_log), route(http::Method::post, "/control/log/verification", verification),
          route(http::Method::get, "/control/log/verification", verification), route(http::Method::get, "/control/views", get_views),
          route(http::Method::get, "/control/routes", get_routes)};
}

}  // namespace quicklime::all_in_one
