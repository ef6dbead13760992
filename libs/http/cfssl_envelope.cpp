#include "http/cfssl_envelope.hpp"

#include "base/json_object.hpp"

namespace quicklime::http {

bool in_cfssl_words(const Request& request) { return request.path.starts_with("/api/v1/cfssl/"); }

std::string cfssl_envelope(std::string_view result) {
  std::string text;
  JsonObject json(text);
  json.name("success") += "true";
  json.name("result") += result;
  json.name("errors") += "[]";
  json.name("messages") += "[]";
  json.end();
  return text;
}

Response cfssl_answer(std::string_view result) {
  Response response = Response::json(200, cfssl_envelope(result));
  response.headers.set("Cache-Control", "no-store");
  return response;
}

Response cfssl_refusal(unsigned status, std::string_view message) {
  std::string text;
  JsonObject json(text);
  json.name("success") += "false";
  json.name("result") += "null";
  std::string& errors = json.name("errors");
  errors += '[';
  JsonObject one(errors);
  one.name("code") += std::to_string(status);
  one.string("message", message);
  one.end();
  errors += ']';
  json.name("messages") += "[]";
  json.end();
  return Response::json(status, std::move(text));
}

}  // namespace quicklime::http
