#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/request_input.hpp"
#include "base/work.hpp"

namespace quicklime::api {
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

// Takes a body as it is read, and stops at the first thing that is not one flat object of known members: nothing is built of
// what nobody would look at, however large or deep.
class FlatObject : public nlohmann::json_sax<Json> {
 public:
  using Value = JsonBody::Value;
  explicit FlatObject(const std::vector<std::string_view>& members) : known_(members) {}

  std::map<std::string, Value> members{};
  Error refused{ErrorCode::invalid, "json-malformed", "the body is not one JSON object in UTF-8"};

  bool null() override {
    if (!other()) return false;
    if (depth_ == 1) *member_ = JsonBody::Null{};
    return true;
  }
  bool boolean(bool value) override {
    if (!other()) return false;
    if (depth_ == 1) *member_ = value;
    return true;
  }
  bool number_integer(std::int64_t) override { return other(); }
  bool number_unsigned(std::uint64_t) override { return other(); }
  bool number_float(double, const std::string&) override { return other(); }
  bool binary(Json::binary_t&) override { return other(); }
  bool string(std::string& text) override {
    if (!count() || depth_ == 0) return false;
    if (depth_ == 1) {
      *member_ = std::move(text);
    } else if (auto* texts = std::get_if<std::vector<std::string>>(member_)) {
      texts->push_back(std::move(text));
    }
    return true;
  }
  bool start_object(std::size_t) override { return ++depth_ == 1 || nested(); }
  bool end_object() override { return depth_-- == 1; }
  bool start_array(std::size_t) override {
    if (!count() || depth_ == 0) return false;
    if (depth_ == 2) return nested();
    *member_ = std::vector<std::string>();
    ++depth_;
    return true;
  }
  bool end_array() override { return depth_-- == 2; }
  bool key(std::string& name) override {
    if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
      return refuse("member-unknown", "there is no member " + name + " here; those that exist: " + joined(known_), name);
    }
    const auto [place, first] = members.try_emplace(name, JsonBody::OtherKind{});
    // The parser would keep the last of two members with one name; which one the sender meant is a guess.
    if (!first) return refuse("member-repeated", "the member " + name + " stands in the body more than once", name);
    name_ = name;
    member_ = &place->second;
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception&) override { return false; }

 private:
  static constexpr std::size_t kMaximumValues = 1'000;

  bool count() {
    work::count(work::Kind::json_value);
    if (++values_ <= kMaximumValues) return true;
    return refuse("json-too-many-values", "a body holds at most " + std::to_string(kMaximumValues) + " values", name_);
  }
  bool other() {
    if (!count() || depth_ == 0) return false;
    *member_ = JsonBody::OtherKind{};
    return true;
  }
  bool nested() { return refuse("member-kind", "the member " + name_ + " must be a string or an array of strings", name_); }
  bool refuse(std::string reason, std::string detail, const std::string& member) {
    refused = Error{ErrorCode::invalid, std::move(reason), std::move(detail), "/" + member};
    return false;
  }

  const std::vector<std::string_view>& known_;
  std::string name_{};
  Value* member_ = nullptr;
  int depth_ = 0;  // 1: within the object, 2: within an array
  std::size_t values_ = 0;
};

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

  FlatObject object(members);
  if (!Json::sax_parse(request.body, &object)) return fail(std::move(object.refused));
  body.members_ = std::move(object.members);
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

}  // namespace quicklime::api
