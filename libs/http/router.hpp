#pragma once
// From a method and a path to a handler. Templates are compared segment by segment:
//   /v1/certificates/{serial}/revoke     {name}: one segment
//   /crl/{authority}.crl                 a segment may have fixed text around its parameter
//   /ocsp/{request...}                   the rest of the path, slashes included, still percent-escaped
// Fixed segments win over parameters, parameters over rests. The best template decides alone: a path
// of POST /v1/revocations is not served by GET /{page...}, it answers 405.

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "async/task.hpp"
#include "base/metrics.hpp"
#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::http {

// An Error becomes problem+json at one place, inside the router. The request lives until the task ends.
using Handler = std::function<async::Task<Result<Response>>(const Request&)>;

struct Route {
  Method method;
  std::string path;  // template
  Handler handler;
};

// Built before serving, then immutable: any thread.
class Router {
 public:
  Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;
  ~Router();

  // Two routes with the same method and template, or with templates that differ only in the names of
  // their parameters, are a programming error (throws std::invalid_argument).
  void add(Route route);
  void add(std::vector<Route> routes);
  // Asked before every handler of this router; an Error ends the request (who may call a daemon).
  using Guard = std::function<async::Task<Result<void>>(const Request&)>;
  void set_guard(Guard guard) { guard_ = std::move(guard); }
  // Counts and times by route template: quicklime_http_request_duration_seconds{route,method,code}.
  void set_metrics(metrics::Registry& registry) { registry_ = &registry; }

  // 404 and 405 (with Allow) as problems; HEAD served by GET; exceptions of a handler become 500,
  // logged with the request id. Never throws.
  async::Task<Response> dispatch(Request request) const;

 private:
  struct Entry;
  Result<Entry*> find(Request& request) const;
  async::Task<Result<Response>> answer(const Request& request, const Entry* entry) const;
  void count(Entry* entry, Method method, unsigned status, std::chrono::steady_clock::duration time) const;

  std::vector<std::unique_ptr<Entry>> entries_;  // in the order in which they are asked
  Guard guard_;
  metrics::Registry* registry_ = nullptr;
};

}  // namespace quicklime::http
