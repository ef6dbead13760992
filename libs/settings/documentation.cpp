#include "settings/documentation.hpp"

#include <algorithm>

namespace quicklime::settings {
namespace {

constexpr const char* kAnyName = "NAME";

std::string table_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

// Of "profiles.tls-server.maximum_lifetime": "profiles".
std::string outer_table_of(const std::string& key) {
  const std::size_t dot = key.find('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

void add(std::vector<Setting>& all, const std::string& prefix, const AnyRow& row, void* settings) {
  const Target target = row.target(settings);
  all.push_back({prefix + row.key, kind(target), literal(target), row.meaning});
}

// Those that are there without being named, with what they say; then what any may say.
void add(std::vector<Setting>& all, const AnyThings& things, void* settings) {
  const auto names = things.names(settings);
  void* const fresh = things.at(settings, kAnyName);
  for (const std::string& name : names) {
    for (const AnyRow& row : things.rows) {
      void* const thing = things.at(settings, name);
      if (literal(row.target(thing)) != literal(row.target(fresh))) add(all, things.table + "." + name + ".", row, thing);
    }
  }
  for (const AnyRow& row : things.rows) {
    add(all, things.table + "." + kAnyName + ".", row, fresh);
    all.back().of_any_name = true;
  }
}

}  // namespace

std::vector<Setting> settings(const std::vector<Rows>& known) {
  std::vector<Setting> all;
  for (const Rows& rows : known) {
    auto holder = rows.fresh();
    void* const settings = rows.address(holder);
    for (const AnyRow& row : rows.rows) add(all, "", row, settings);
    for (const AnyThings& things : rows.things) add(all, things, settings);
  }
  std::vector<std::string> tables{""};
  for (const Setting& setting : all) {
    const auto table = outer_table_of(setting.key);
    if (std::find(tables.begin(), tables.end(), table) == tables.end()) tables.push_back(table);
  }
  std::stable_sort(all.begin(), all.end(), [&](const Setting& left, const Setting& right) {
    const auto place = [&](const Setting& setting) { return std::find(tables.begin(), tables.end(), outer_table_of(setting.key)); };
    return place(left) < place(right);
  });
  return all;
}

std::string settings_markdown(const std::vector<Rows>& known) {
  std::string page =
      "# Configuration\n\n"
      "`quicklime.toml` in the data directory, as `quicklime init` wrote it. A key that is not there has its default; a key that is not in "
      "this list is refused at the start, as is a value that cannot be. One file serves every process: each reads what is its own.\n\n"
      "A *duration* is a number and a unit: `\"90d\"`, `\"12h\"`, `\"30m\"`, `\"10s\"`, `\"250ms\"`. An *address* is `\"127.0.0.1:9090\"`, "
      "`\"[::1]:8443\"`, `\":8443\"` for every address, or `\"\"` for none. *Texts* are a list: `[\"a\", \"b\"]`. A *flag* is `true` or "
      "`false`. `NAME` in a key is a name of yours: letters, digits, `-` and `_`, at most 64.\n\n"
      "| key | kind | default | meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : settings(known)) {
    page += "| `" + setting.key + "` | " + setting.kind + " | " + (setting.default_text.empty() ? "" : "`" + setting.default_text + "`") +
            " | " + setting.meaning + " |\n";
  }
  return page + "\nMade from the rows of `libs/runtime/*_settings.cpp` and `services/*/settings.cpp`; a test fails when it is not.\n";
}

std::string initial_configuration(const std::vector<Rows>& known, const std::map<std::string, std::string>& given) {
  std::string file = "# Settings of this CA. Without its '#', a line changes a default; docs/configuration.md lists them all.\n";
  std::string table;
  for (const Setting& setting : settings(known)) {
    if (setting.of_any_name) continue;
    if (const std::string next = table_of(setting.key); next != table) {
      table = next;
      file += "\n[" + table + "]\n";
    }
    const std::string name = setting.key.substr(table.empty() ? 0 : table.size() + 1);
    const auto found = given.find(setting.key);
    file += "# " + setting.meaning + "\n" + (found == given.end() ? "#" : "") + name + " = " +
            (found == given.end() ? setting.default_text : found->second) + "\n";
  }
  return file;
}

}  // namespace quicklime::settings
