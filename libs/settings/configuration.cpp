#include "settings/configuration.hpp"

#include <algorithm>

#include "base/file.hpp"
#include "base/nearest.hpp"
#include "base/toml.hpp"
#include "settings/rows.hpp"

namespace quicklime::settings {
namespace {

using Values = std::map<std::string, TomlValue>;

// A struct that is being filled, and its rows.
struct Filled {
  const Rows& known;
  std::any holder;
  void* settings;
};

struct Found {
  const AnyRow* row = nullptr;  // null: no row has this key
  void* settings = nullptr;     // or the thing
};

bool is_name(std::string_view name) {
  constexpr std::size_t kLongest = 64;
  return !name.empty() && name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

const AnyRow* find_row(const std::vector<AnyRow>& rows, std::string_view key) {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const AnyRow& row) { return row.key == key; });
  return found == rows.end() ? nullptr : &*found;
}

// "profiles.tls-server.maximum_lifetime" of the table "profiles": the thing's name, and the key in it.
struct KeyOfThing {
  std::string name, key;
};
std::optional<KeyOfThing> key_of_thing(const std::string& table, const std::string& key) {
  if (!key.starts_with(table + ".")) return std::nullopt;
  const std::string rest = key.substr(table.size() + 1);
  const std::size_t dot = rest.find('.');
  if (dot == std::string::npos || !is_name(rest.substr(0, dot))) return std::nullopt;
  return KeyOfThing{rest.substr(0, dot), rest.substr(dot + 1)};
}

Found find(const std::vector<Filled>& all, const std::string& key) {
  for (const auto& [known, holder, settings] : all) {
    if (const auto* row = find_row(known.rows, key)) return {row, settings};
    for (const auto& things : known.things) {
      const auto named = key_of_thing(things.table, key);
      const auto* row = named ? find_row(things.rows, named->key) : nullptr;
      if (row != nullptr) return {row, things.at(settings, named->name)};
    }
  }
  return {};
}

Failure unknown_key(std::string_view file, const std::string& key, std::size_t line, const std::vector<Filled>& all) {
  std::vector<std::string> keys;
  for (const auto& [known, holder, settings] : all) {
    for (const AnyRow& row : known.rows) keys.push_back(row.key);
    for (const auto& things : known.things) {
      auto names = things.names(settings);
      if (const auto named = key_of_thing(things.table, key)) names.push_back(named->name);
      for (const auto& name : names) {
        for (const AnyRow& row : things.rows) keys.push_back(things.table + "." + name + "." + row.key);
      }
    }
  }
  const auto meant = nearest(key, keys);
  return fail(ErrorCode::invalid, "setting-unknown",
              std::string(file) + ", line " + std::to_string(line) + ": there is no setting '" + key + "'" +
                  (meant ? "; did you mean '" + *meant + "'?" : "; docs/configuration.md lists them all"),
              key);
}

// key: that of a value, or of a table, which begins where its first value does.
Failure complain(std::string_view file, const Values& values, const std::string& key, const std::string& why) {
  const auto value = values.find(key);
  std::size_t line = value == values.end() ? 0 : value->second.line;
  for (const auto& [other, inside] : values) {
    if (value == values.end() && other.starts_with(key + ".")) line = line == 0 ? inside.line : std::min(line, inside.line);
  }
  return fail(ErrorCode::invalid, "setting-invalid",
              std::string(file) + (line == 0 ? "" : ", line " + std::to_string(line)) + ": " + key + ": " + why, key);
}

}  // namespace

Result<Configuration> parse_configuration(std::string_view toml, std::string_view file_name, const std::vector<Rows>& known) {
  auto values = parse_toml(toml, file_name);
  if (!values) return forward(values);

  std::vector<Filled> all;
  for (const Rows& rows : known) all.push_back({rows, rows.fresh(), nullptr});
  for (auto& [rows, holder, settings] : all) settings = rows.address(holder);  // a small struct moves with its holder
  for (const auto& [key, value] : *values) {
    const Found found = find(all, key);
    if (found.row == nullptr) return unknown_key(file_name, key, value.line, all);
    if (auto done = read(value, found.row->bounds, found.row->target(found.settings)); !done) {
      return complain(file_name, *values, key, done.error().detail);
    }
  }
  Configuration configuration;
  for (auto& [rows, holder, settings] : all) {
    if (rows.check) {
      if (auto holds = rows.check(settings); !holds) return complain(file_name, *values, holds.error().field, holds.error().detail);
    }
    configuration.structs_.emplace(rows.type, std::move(holder));
  }
  return configuration;
}

Result<Configuration> load_configuration(const std::filesystem::path& file, const std::vector<Rows>& known) {
  auto content = read_file(file);
  if (!content) {
    if (content.error().code != ErrorCode::not_found) return forward(content);
    return fail(ErrorCode::not_found, "configuration-missing",
                "there is no " + file.string() + "; `quicklime init` writes one, and an empty file means all defaults");
  }
  return parse_configuration(*content, file.string(), known);
}

}  // namespace quicklime::settings
