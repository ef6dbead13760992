#pragma once
// quicklime.toml, read: a struct of settings for each that goes by some.

#include <any>
#include <filesystem>
#include <map>
#include <string_view>
#include <typeindex>
#include <vector>

#include "base/result.hpp"

namespace quicklime::settings {

struct Rows;

class Configuration {
 public:
  // That of the type; with all its defaults where no row of it was read. Valid as long as this is.
  template <class S>
  const S& of() const {
    static const S defaults{};
    const auto found = structs_.find(typeid(S));
    return found == structs_.end() ? defaults : *std::any_cast<S>(&found->second);
  }
  template <class S>
  S& of() {
    auto& holder = structs_[typeid(S)];
    if (!holder.has_value()) holder = S{};
    return *std::any_cast<S>(&holder);
  }

 private:
  friend Result<Configuration> parse_configuration(std::string_view, std::string_view, const std::vector<Rows>&);
  std::map<std::type_index, std::any> structs_;
};

// With the structs of `known`. Every error names file, line, key and what would be right: "setting-unknown" (a key that is in no row, with
// the nearest one that is), "setting-invalid", and "configuration-malformed" of base/toml.hpp.
Result<Configuration> parse_configuration(std::string_view toml, std::string_view file_name, const std::vector<Rows>& known);
// A missing file is an error too: "configuration-missing".
Result<Configuration> load_configuration(const std::filesystem::path& file, const std::vector<Rows>& known);

}  // namespace quicklime::settings
