#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "runtime/request_input.hpp"

namespace quicklime::runtime {
namespace {

using Json = nlohmann::json;

template <class Names>
std::string joined(const Names& names) {
  std::string text;
  for (const auto name : names) text.append(text.empty() ? "" : ", ").append(name);
  return text.empty() ? "none" : text;
}

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool all_strings(const Json& array) {
  return std::all_of(array.begin(), array.end(), [](const Json& element) { return element.is_string(); });
}

}  // namespace

std::string media_type(const http::Request& request) {
  std::string type(request.headers.get("Content-Type").value_or(""));
  type.erase(std::min(type.find(';'), type.size()));
  while (!type.empty() && (type.back() == ' ' || type.back() == '\t')) type.pop_back();
  for (char& letter : type) {
    if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
  }
  return type;
}

Result<void> only_parameters(const http::Request& request, std::initializer_list<std::string_view> known) {
  for (const auto& [name, value] : request.query) {
    if (contains(known, name)) continue;
    return fail(ErrorCode::invalid, "parameter-unknown",
                "there is no query parameter " + name + " here; those that exist: " + joined(known), name);
  }
  return {};
}

Result<JsonBody> JsonBody::parse(const http::Request& request, std::initializer_list<std::string_view> members) {
  return parse(request, std::vector<std::string_view>(members));
}

Result<JsonBody> JsonBody::parse(const http::Request& request, const std::vector<std::string_view>& members) {
  JsonBody body;
  if (request.body.empty()) return body;
  const std::string type = media_type(request);
  if (!type.empty() && type != "application/json") {
    return fail(ErrorCode::unsupported, "content-type-unsupported",
                "a body of type " + type + " is not understood here; send JSON with Content-Type: application/json", "Content-Type");
  }

  // The parser keeps the last of two members with one name; which one the sender meant is a guess.
  std::set<std::string> seen;
  std::string repeated;
  const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
    if (event == Json::parse_event_t::key && depth == 1 && !seen.insert(value.get<std::string>()).second)
      repeated = value.get<std::string>();
    return true;
  };
  const Json json = Json::parse(request.body, watch, false);
  if (!json.is_object()) return fail(ErrorCode::invalid, "json-malformed", "the body is not one JSON object in UTF-8");
  if (!repeated.empty()) {
    return fail(ErrorCode::invalid, "member-repeated", "the member " + repeated + " stands in the body more than once", "/" + repeated);
  }

  for (const auto& [name, value] : json.items()) {
    if (!contains(members, name)) {
      return fail(ErrorCode::invalid, "member-unknown", "there is no member " + name + " here; those that exist: " + joined(members),
                  "/" + name);
    }
    if (value.is_string()) {
      body.members_[name] = value.get<std::string>();
    } else if (value.is_array() && all_strings(value)) {
      body.members_[name] = value.get<std::vector<std::string>>();
    } else if (value.is_boolean()) {
      body.members_[name] = value.get<bool>();
    } else {
      body.members_[name] = OtherKind{};
    }
  }
  return body;
}

Result<std::optional<std::string>> JsonBody::text(const std::string& member) const {
  const auto found = members_.find(member);
  if (found == members_.end()) return std::nullopt;
  const auto* text = std::get_if<std::string>(&found->second);
  if (!text) return fail(ErrorCode::invalid, "member-kind", "the member " + member + " must be a string", "/" + member);
  return *text;
}

Result<std::optional<std::vector<std::string>>> JsonBody::texts(const std::string& member) const {
  const auto found = members_.find(member);
  if (found == members_.end()) return std::nullopt;
  const auto* texts = std::get_if<std::vector<std::string>>(&found->second);
  if (!texts) return fail(ErrorCode::invalid, "member-kind", "the member " + member + " must be an array of strings", "/" + member);
  return *texts;
}

Result<bool> JsonBody::flag(const std::string& member) const {
  const auto found = members_.find(member);
  if (found == members_.end()) return false;
  const auto* flag = std::get_if<bool>(&found->second);
  if (!flag) return fail(ErrorCode::invalid, "member-kind", "the member " + member + " must be true or false", "/" + member);
  return *flag;
}

}  // namespace quicklime::runtime
