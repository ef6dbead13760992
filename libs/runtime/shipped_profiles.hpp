#pragma once
// The profiles that come along, one file of share/profiles each, built into the programs: there for whoever switches them on.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {

struct ShippedProfileFile {
  std::string_view name;     // "code-signing"
  std::string_view content;  // what stands in a table [profiles.code-signing]
};
const std::vector<ShippedProfileFile>& shipped_profile_files();  // by their names

// The same, read. Any thread.
const std::map<std::string, ProfileSettings>& shipped_profiles();

}  // namespace quicklime::runtime
