#pragma once
// What a request brings, read strictly: what nobody would look at is refused by name, never ignored.

#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "http/message.hpp"

namespace quicklime::api {

// Type and subtype of Content-Type, lower case, without parameters; "" when the header is absent.
std::string media_type(const http::Request& request);

// "parameter-unknown": a query parameter that is not one of these.
Result<void> only_parameters(const http::Request& request, std::initializer_list<std::string_view> known);

// A JSON body: one flat object, every member known by name and of the right kind.
class JsonBody {
 public:
  // An empty body counts as {}. Refuses what nobody would read, where it begins: "content-type-unsupported", "json-malformed",
  // "member-unknown" (naming it and those that exist), "member-repeated" (RFC 8259 section 4 leaves its meaning open),
  // "member-kind" (an object or an array within one), "json-too-many-values" (more than 1,000).
  static Result<JsonBody> parse(const http::Request& request, std::initializer_list<std::string_view> members);
  static Result<JsonBody> parse(const http::Request& request, const std::vector<std::string_view>& members);

  struct OtherKind {};
  struct Null {};  // of another kind, too
  using Value = std::variant<std::string, std::vector<std::string>, bool, OtherKind, Null>;

  // nullopt: not there. "member-kind" when it is something else than a string, or an array of strings.
  Result<std::optional<std::string>> text(const std::string& member) const;
  Result<std::optional<std::vector<std::string>>> texts(const std::string& member) const;
  void drop_nulls() {
    std::erase_if(members_, [](const auto& member) { return std::holds_alternative<Null>(member.second); });
  }
  Result<bool> flag(const std::string& member) const;  // not there: false; "member-kind" when it is neither true nor false

 private:
  std::map<std::string, Value> members_;
};

}  // namespace quicklime::api
