#pragma once
// Internal: reading what a server answers, for the sources that know the JSON library. Json: nlohmann's.

#include <string>
#include <vector>

#include "base/printable.hpp"
#include "base/result.hpp"

namespace quicklime::command_line {

inline Failure not_understood(const char* expected) {
  return fail(ErrorCode::internal, "answer-not-understood",
              "the server's answer is not " + std::string(expected) +
                  " as this version knows it; `quicklime version` and `quicklime version --running` say which they are");
}

// Whatever comes from a server may be shown on a terminal.
template <class Json>
std::string text(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? printable(found->template get<std::string>(), Lines::many) : std::string();
}
template <class Json>
std::vector<std::string> texts(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_array()) return {};
  auto all = found->template get<std::vector<std::string>>();
  for (auto& one : all) one = printable(one);
  return all;
}

// Runs decode over the parsed body; what the body lacks or has in another type becomes an Error that says what was expected.
template <class Json, class Decode>
auto read_answer(const std::string& body, const char* expected, Decode decode) -> Result<decltype(decode(Json()))> {
  try {
    return decode(Json::parse(body));
  } catch (const typename Json::exception&) {
    return not_understood(expected);
  }
}

}  // namespace quicklime::command_line
