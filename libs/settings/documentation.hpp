#pragma once
// What people read of the rows: docs/configuration.md, and quicklime.toml as init writes it.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "settings/rows.hpp"

namespace quicklime::settings {

struct Setting {
  std::string key;           // "ocsp.lifetime"; of a thing whose name is anybody's: "profiles.NAME.like"
  std::string kind;          // see value.hpp
  std::string default_text;  // as it stands in TOML: "1h" with its quotes; empty: none
  std::string meaning;       // one sentence
  bool of_any_name = false;
};
// The keys of a table stand together, those without a table first; else in the order of the rows.
std::vector<Setting> settings(const std::vector<Rows>& known);

std::string settings_markdown(const std::vector<Rows>& known);

// The quicklime.toml that init writes: what is given (key to value, as TOML has it), and everything else as a comment with its default.
std::string initial_configuration(const std::vector<Rows>& known, const std::map<std::string, std::string>& given);

}  // namespace quicklime::settings
