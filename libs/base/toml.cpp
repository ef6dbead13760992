#include "base/toml.hpp"

#include <toml++/toml.h>

namespace quicklime {
namespace {

using Settings = std::map<std::string, TomlValue>;

Failure malformed_toml(std::string_view file, std::size_t line, const std::string& why) {
  return fail(ErrorCode::invalid, "configuration-malformed", std::string(file) + ", line " + std::to_string(line) + ": " + why);
}

Result<void> flatten(const toml::table& table, const std::string& prefix, std::string_view file, Settings& into) {
  for (const auto& [name, node] : table) {
    const std::string key = prefix + std::string(name.str());
    const std::size_t line = node.source().begin.line;
    if (const auto* nested = node.as_table()) {
      auto done = flatten(*nested, key + ".", file, into);
      if (!done) return done;
    } else if (const auto* text = node.as_string()) {
      into.emplace(key, TomlValue{text->get(), line});
    } else if (const auto* number = node.as_integer()) {
      into.emplace(key, TomlValue{number->get(), line});
    } else if (const auto* flag = node.as_boolean()) {
      into.emplace(key, TomlValue{flag->get(), line});
    } else if (const auto* array = node.as_array()) {
      std::vector<std::string> texts;
      for (const auto& element : *array) {
        if (const auto* element_text = element.as_string()) {
          texts.push_back(element_text->get());
        } else {
          return malformed_toml(file, line, "'" + key + "' is a list of texts: [\"...\", \"...\"]");
        }
      }
      into.emplace(key, TomlValue{std::move(texts), line});
    } else {
      return malformed_toml(file, line, "'" + key + "' is neither a text, a whole number, true or false, nor a list of texts");
    }
  }
  return {};
}

}  // namespace

Result<Settings> parse_toml(std::string_view text, std::string_view file_name) {
  try {
    const toml::table table = toml::parse(text, file_name);
    Settings settings;
    auto done = flatten(table, "", file_name, settings);
    if (!done) return forward(done);
    return settings;
  } catch (const toml::parse_error& error) {
    return malformed_toml(file_name, error.source().begin.line, std::string(error.description()));
  }
}

}  // namespace quicklime
