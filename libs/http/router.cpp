#include "http/router.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <exception>
#include <stdexcept>

#include "base/logging.hpp"
#include "http/problem.hpp"
#include "http/route_template.hpp"

namespace quicklime::http {
namespace {

constexpr std::size_t kMethods = static_cast<std::size_t>(Method::other) + 1;

constexpr std::size_t index(Method method) { return static_cast<std::size_t>(method); }

using Clock = std::chrono::steady_clock;

}  // namespace

// One template and what is served there.
struct Router::Entry {
  explicit Entry(RouteTemplate path) : path(std::move(path)) {}
  RouteTemplate path;
  std::array<Handler, kMethods> handlers;
  // The histogram of answers 200, which are most of them; the others ask the registry each time.
  std::array<std::atomic<metrics::Histogram*>, kMethods> ok_times{};

  const Handler* handler(Method method) const {
    if (handlers[index(method)]) return &handlers[index(method)];
    if (method == Method::head && handlers[index(Method::get)]) return &handlers[index(Method::get)];
    return nullptr;
  }

  std::string allowed() const {
    std::string list;
    for (std::size_t i = 0; i < kMethods; ++i) {
      if (handler(static_cast<Method>(i)) == nullptr) continue;
      list += (list.empty() ? "" : ", ") + std::string(name(static_cast<Method>(i)));
    }
    return list;
  }
};

Router::Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;
Router::~Router() = default;

void Router::add(Route route) {
  if (route.method == Method::other || !route.handler) throw std::invalid_argument("a route needs a method and a handler: " + route.path);
  auto entry = std::make_unique<Entry>(RouteTemplate(route.path));
  const auto same = std::find_if(entries_.begin(), entries_.end(), [&](const auto& known) { return known->path.same_paths(entry->path); });
  if (same != entries_.end()) {
    if ((*same)->path.text() != route.path) throw std::invalid_argument("one path, two names of its parameters: " + route.path);
    Handler& handler = (*same)->handlers[index(route.method)];
    if (handler) throw std::invalid_argument("two routes " + std::string(name(route.method)) + " " + route.path);
    handler = std::move(route.handler);
    return;
  }
  entry->handlers[index(route.method)] = std::move(route.handler);
  const auto place = std::find_if(entries_.begin(), entries_.end(), [&](const auto& known) { return entry->path.before(known->path); });
  entries_.insert(place, std::move(entry));
}

void Router::add(std::vector<Route> routes) {
  for (Route& route : routes) add(std::move(route));
}

Result<Router::Entry*> Router::find(Request& request) const {
  for (const auto& entry : entries_) {
    const auto parameters = entry->path.match(request.path);
    if (!parameters) continue;
    request.route = entry->path.text();
    for (const auto& [name, value] : *parameters) {
      if (entry->path.is_rest(name)) {
        request.parameters.emplace(name, value);
      } else if (auto decoded = percent_decode(value)) {
        request.parameters.emplace(name, std::move(*decoded));
      } else {
        return fail(ErrorCode::invalid, "target-malformed", "the path holds a % that two hexadecimal digits do not follow",
                    std::string(name));
      }
    }
    return entry.get();
  }
  return nullptr;
}

async::Task<Result<Response>> Router::answer(const Request& request, const Entry* entry) const {
  if (entry == nullptr) co_return fail(ErrorCode::not_found, "no-such-path", "Nothing is served at " + request.path + ".");
  const Handler* handler = entry->handler(request.method);
  if (handler == nullptr) {
    const Error error{ErrorCode::invalid, "method-not-allowed", "This path is served for " + entry->allowed() + " only."};
    Response response = problem(405, error, request);
    response.headers.set("Allow", entry->allowed());
    co_return response;
  }
  if (guard_) {
    if (auto allowed = co_await guard_(request); !allowed) co_return forward(allowed);
  }
  co_return co_await (*handler)(request);
}

void Router::count(Entry* entry, Method method, unsigned status, Clock::duration time) const {
  if (registry_ == nullptr) return;
  std::atomic<metrics::Histogram*>* cached = entry != nullptr && status == 200 ? &entry->ok_times[index(method)] : nullptr;
  metrics::Histogram* histogram = cached != nullptr ? cached->load(std::memory_order_relaxed) : nullptr;
  if (histogram == nullptr) {
    metrics::Labels labels{
        {"route", entry != nullptr ? entry->path.text() : "none"}, {"method", std::string(name(method))}, {"code", std::to_string(status)}};
    histogram = &registry_->histogram("quicklime_http_request_duration_seconds", "Time from a request to its answer", std::move(labels));
    if (cached != nullptr) cached->store(histogram, std::memory_order_relaxed);
  }
  histogram->observe(std::chrono::duration<double>(time).count());
}

async::Task<Response> Router::dispatch(Request request) const {
  const Clock::time_point begin = registry_ != nullptr ? Clock::now() : Clock::time_point();
  Entry* entry = nullptr;
  Result<Response> result = fail(ErrorCode::internal, "exception", "a handler threw what is no std::exception");
  try {
    auto found = find(request);
    if (!found) {
      result = forward(found);
    } else {
      entry = *found;
      result = co_await answer(request, entry);
    }
  } catch (const std::exception& error) {
    result = fail(ErrorCode::internal, "exception", error.what());
  } catch (...) {
    // `result` already says so.
  }
  Response response = result ? std::move(*result) : problem(result.error(), request);
  if (registry_ != nullptr) count(entry, request.method, response.status, Clock::now() - begin);
  co_return response;
}

}  // namespace quicklime::http
