#include "runtime/shipped_profiles.hpp"

#include <stdexcept>

#include "settings/configuration.hpp"
#include "settings/rows.hpp"

namespace quicklime::runtime {
namespace {

struct ShippedSettings {
  std::map<std::string, ProfileSettings> profiles;
};

std::map<std::string, ProfileSettings> read_all() {
  std::vector<settings::Things<ShippedSettings>> things;
  things.emplace_back("profiles", &ShippedSettings::profiles, profile_rows());
  std::vector<settings::Rows> known;
  known.push_back(settings::Rows::of<ShippedSettings>({}, std::move(things)));
  ShippedSettings all;
  for (const auto& file : shipped_profile_files()) {
    const std::string table = "[profiles." + std::string(file.name) + "]\n" + std::string(file.content);
    const auto read = settings::parse_configuration(table, std::string(file.name) + ".toml", known);
    if (!read) throw std::runtime_error(read.error().detail);  // built in: a test reads every one
    all.profiles.merge(std::map(read->of<ShippedSettings>().profiles));
  }
  return std::move(all.profiles);
}

}  // namespace

const std::map<std::string, ProfileSettings>& shipped_profiles() {
  static const std::map<std::string, ProfileSettings> all = read_all();
  return all;
}

}  // namespace quicklime::runtime
