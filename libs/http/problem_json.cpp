#include <charconv>
#include <nlohmann/json.hpp>

#include "base/logging.hpp"
#include "http/cfssl_envelope.hpp"
#include "http/problem.hpp"
#include "http/status.hpp"

namespace quicklime::http {
namespace {

constexpr std::string_view kTypes = "https://quicklime.dev/errors#";

ErrorCode code_of(unsigned status) {
  switch (status) {
    case 401: return ErrorCode::unauthenticated;
    case 403: return ErrorCode::denied;
    case 404: return ErrorCode::not_found;
    case 409: return ErrorCode::conflict;
    case 413: return ErrorCode::too_large;
    case 415: return ErrorCode::unsupported;
    case 422: return ErrorCode::unprocessable;
    case 429: return ErrorCode::too_many;
    default: break;
  }
  if (status == 502 || status == 503 || status == 504) return ErrorCode::unavailable;
  return status >= 400 && status < 500 ? ErrorCode::invalid : ErrorCode::internal;
}

// Set before anything is served.
std::string& hidden_directory() {
  static std::string directory;
  return directory;
}

std::string member(const nlohmann::json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Response with_advice(Response response, unsigned status, const Error& error) {
  response.headers.set("Cache-Control", "no-store");
  if (error.retry_after_seconds != 0) response.headers.add("Retry-After", std::to_string(error.retry_after_seconds));
  if (status == 401) response.headers.add("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace

void hide_directory(const std::filesystem::path& directory) { hidden_directory() = directory.string(); }

std::string without_directory(std::string text) {
  const std::string& directory = hidden_directory();
  if (directory.size() < 2) return text;
  for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory, at)) {
    const auto behind = at + directory.size();
    const bool file = behind < text.size() && text[behind] == '/';
    text.replace(at, directory.size() + (file ? 1 : 0), file ? "" : "the data directory");
  }
  return text;
}

unsigned status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::invalid: return 400;
    case ErrorCode::unauthenticated: return 401;
    case ErrorCode::denied: return 403;
    case ErrorCode::not_found: return 404;
    case ErrorCode::conflict: return 409;
    case ErrorCode::too_large: return 413;
    case ErrorCode::unsupported: return 415;
    case ErrorCode::unprocessable: return 422;
    case ErrorCode::verification_failed: return 422;
    case ErrorCode::too_many: return 429;
    case ErrorCode::unavailable: return 503;
    case ErrorCode::outcome_unknown: return 503;
    case ErrorCode::internal: return 500;
  }
  return 500;
}

Response problem(const Error& error, const Request& request) { return problem(status_of(error.code), error, request); }

Response problem(unsigned status, const Error& error, const Request& request) {
  std::string reason = error.reason;
  std::string detail = error.detail;
  if (error.code == ErrorCode::internal) {
    log::error("internal error", {{"request", request.id.text()},
                                  {"method", std::string(name(request.method))},
                                  {"route", request.route.empty() ? "none" : request.route},
                                  {"reason", error.reason},
                                  {"detail", error.detail},
                                  {"traceparent", request.traceparent.empty() ? "none" : request.traceparent}});
    reason = "internal";
    detail = "Something went wrong inside the server. Its log says more under request id " + request.id.text() + ".";
  }
  if (in_cfssl_words(request))
    return with_advice(cfssl_refusal(status, reason + ": " + without_directory(std::move(detail))), status, error);
  nlohmann::ordered_json document;
  document["type"] = std::string(kTypes) + reason;
  document["title"] = status_text(status);
  document["status"] = status;
  document["detail"] = without_directory(std::move(detail));
  document["instance"] = request.path;
  document["request_id"] = request.id.text();
  if (!error.field.empty()) document["errors"] = {{{"pointer", error.field}, {"reason", reason}}};
  // A path or a detail may hold bytes that are not UTF-8: they are replaced, never thrown about.
  constexpr auto replace = nlohmann::ordered_json::error_handler_t::replace;
  return with_advice(Response::of(status, "application/problem+json", document.dump(-1, ' ', false, replace)), status, error);
}

Error error_from(const Response& response) {
  Error error{code_of(response.status), "http-" + std::to_string(response.status),
              "the server answered " + std::to_string(response.status) + " " + std::string(status_text(response.status))};
  if (const auto after = response.headers.get("Retry-After")) {
    std::from_chars(after->data(), after->data() + after->size(), error.retry_after_seconds);
  }
  const auto document = nlohmann::json::parse(response.body, nullptr, false);
  if (!document.is_object()) return error;
  const std::string type = member(document, "type");
  if (type.starts_with(kTypes)) error.reason = type.substr(kTypes.size());
  if (std::string detail = member(document, "detail"); !detail.empty()) error.detail = std::move(detail);
  const auto errors = document.find("errors");
  if (errors != document.end() && errors->is_array() && !errors->empty() && errors->front().is_object()) {
    error.field = member(errors->front(), "pointer");
  }
  return error;
}

}  // namespace quicklime::http
