#include "settings/value.hpp"

#include <algorithm>

namespace quicklime::settings {
namespace {

Failure wrong(std::string why) { return fail(ErrorCode::invalid, "setting-invalid", std::move(why)); }

// The words of a choice, in the order of its enumerators.
const std::vector<std::string>& words(log::Level) {
  static const std::vector<std::string> levels{"debug", "info", "warning", "error"};
  return levels;
}
const std::vector<std::string>& words(log::Format) {
  static const std::vector<std::string> formats{"text", "json"};
  return formats;
}

// ---- from TOML

Result<std::string> text_of(const TomlValue& value, const char* example) {
  if (const auto* text = std::get_if<std::string>(&value.value)) return *text;
  return wrong(std::string("a text in quotes is expected: ") + example);
}

Result<std::int64_t> number_of(const TomlValue& value, const Bounds& bounds) {
  const auto* number = std::get_if<std::int64_t>(&value.value);
  if (number != nullptr && *number >= bounds.minimum && *number <= bounds.maximum) return *number;
  return wrong("a whole number from " + std::to_string(bounds.minimum) + " to " + std::to_string(bounds.maximum) + " is expected");
}

template <class Choice>
Result<Choice> choice_of(const TomlValue& value) {
  const std::vector<std::string>& known = words(Choice{});
  const auto* text = std::get_if<std::string>(&value.value);
  const auto found = text == nullptr ? known.end() : std::find(known.begin(), known.end(), *text);
  if (found != known.end()) return static_cast<Choice>(found - known.begin());
  std::string list;
  for (const std::string& word : known) list += (list.empty() ? "\"" : ", \"") + word + "\"";
  return wrong("one of " + list + " is expected");
}

Result<std::string> value_of(const TomlValue& value, const Bounds&, const std::string&) {
  return text_of(value, "\"http://ca.internal:8080\"");
}

Result<std::vector<std::string>> value_of(const TomlValue& value, const Bounds&, const std::vector<std::string>&) {
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value.value)) return *texts;
  return wrong("a list of texts is expected: [\"...\", \"...\"]");
}

Result<ListenAddress> value_of(const TomlValue& value, const Bounds&, const ListenAddress&) {
  auto text = text_of(value, "\"127.0.0.1:8443\"");
  if (!text) return forward(text);
  return parse_listen_address(*text);
}

Result<Milliseconds> value_of(const TomlValue& value, const Bounds& bounds, Milliseconds) {
  auto text = text_of(value, "\"90d\", \"12h\", \"30m\", \"10s\", \"250ms\"");
  if (!text) return forward(text);
  auto duration = parse_duration(*text);
  if (duration && (duration->count() < bounds.minimum || duration->count() > bounds.maximum)) {
    return wrong("a duration from " + duration_text(Milliseconds(bounds.minimum)) + " to " + duration_text(Milliseconds(bounds.maximum)) +
                 " is expected, not " + *text);
  }
  return duration;
}

Result<std::optional<Milliseconds>> value_of(const TomlValue& value, const Bounds& bounds, const std::optional<Milliseconds>&) {
  auto duration = value_of(value, bounds, Milliseconds());
  if (!duration) return forward(duration);
  return std::optional(*duration);
}

Result<std::size_t> value_of(const TomlValue& value, const Bounds& bounds, std::size_t) {
  auto number = number_of(value, bounds);
  if (!number) return forward(number);
  return static_cast<std::size_t>(*number);
}

Result<unsigned> value_of(const TomlValue& value, const Bounds& bounds, unsigned) {
  auto number = number_of(value, bounds);
  if (!number) return forward(number);
  return static_cast<unsigned>(*number);
}

Result<bool> value_of(const TomlValue& value, const Bounds&, bool) {
  if (const auto* flag = std::get_if<bool>(&value.value)) return *flag;
  return wrong("true or false is expected, without quotes");
}

Result<log::Level> value_of(const TomlValue& value, const Bounds&, log::Level) { return choice_of<log::Level>(value); }
Result<log::Format> value_of(const TomlValue& value, const Bounds&, log::Format) { return choice_of<log::Format>(value); }

// ---- as TOML has it

std::string literal_of(const std::string& value) { return in_quotes(value); }
std::string literal_of(const ListenAddress& value) { return in_quotes(text(value)); }
std::string literal_of(Milliseconds value) { return in_quotes(value.count() == 0 ? "0s" : duration_text(value)); }
std::string literal_of(const std::optional<Milliseconds>& value) { return value ? literal_of(*value) : ""; }
std::string literal_of(std::size_t value) { return std::to_string(value); }
std::string literal_of(unsigned value) { return std::to_string(value); }
std::string literal_of(bool value) { return value ? "true" : "false"; }
std::string literal_of(log::Level value) { return in_quotes(words(value)[static_cast<std::size_t>(value)]); }
std::string literal_of(log::Format value) { return in_quotes(words(value)[static_cast<std::size_t>(value)]); }
std::string literal_of(const std::vector<std::string>& value) {
  std::string list;
  for (const std::string& text : value) list += (list.empty() ? "" : ", ") + in_quotes(text);
  return "[" + list + "]";
}

// ---- what it is called

std::string choice(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "choice: " : ", ") + word;
  return list;
}
std::string kind_of(const std::string&) { return "text"; }
std::string kind_of(const std::vector<std::string>&) { return "texts"; }
std::string kind_of(const ListenAddress&) { return "address"; }
std::string kind_of(Milliseconds) { return "duration"; }
std::string kind_of(const std::optional<Milliseconds>&) { return "duration"; }
std::string kind_of(std::size_t) { return "count"; }
std::string kind_of(unsigned) { return "count"; }
std::string kind_of(bool) { return "flag"; }
std::string kind_of(log::Level level) { return choice(words(level)); }
std::string kind_of(log::Format format) { return choice(words(format)); }

}  // namespace

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

Result<void> read(const TomlValue& value, const Bounds& bounds, const Target& target) {
  return std::visit(
      [&](auto* place) -> Result<void> {
        auto given = value_of(value, bounds, *place);
        if (!given) return forward(given);
        *place = *std::move(given);
        return {};
      },
      target);
}

std::string kind(const Target& target) {
  return std::visit([](const auto* place) { return kind_of(*place); }, target);
}

std::string literal(const Target& target) {
  return std::visit([](const auto* place) { return literal_of(*place); }, target);
}

}  // namespace quicklime::settings
