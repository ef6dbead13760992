#pragma once
// From a method and a path to a handler. Templates are compared segment by segment:
//   /v1/certificates/{serial}/revoke     {name}: one segment
//   /crl/{authority}.crl                 a segment may have fixed text around its parameter
//   /ocsp/{request...}                   the rest of the path, slashes included, still percent-escaped
// Fixed segments win over parameters, parameters over rests.

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
  // Two routes with the same method and template are a programming error (throws).
  void add(Route route);
  void add(std::vector<Route> routes);
  // Asked before every handler of this router; an Error ends the request (a listener that refuses
  // writes over plain HTTP, a draining server).
  void set_guard(std::function<Result<void>(const Request&)> guard) { guard_ = std::move(guard); }
  // Counts and times by route template: quicklime_http_request_duration_seconds{route,method,code}.
  void set_metrics(metrics::Registry& registry) { registry_ = &registry; }

  // 404 and 405 (with Allow) as problems; HEAD served by GET; exceptions of a handler become 500,
  // logged with the request id. Never throws.
  async::Task<Response> dispatch(Request request) const;

 private:
  struct Match;
  std::vector<Route> routes_;
  std::function<Result<void>(const Request&)> guard_;
  metrics::Registry* registry_ = nullptr;
};

}  // namespace quicklime::http
