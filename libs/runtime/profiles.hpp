#pragma once
// The profiles of this CA: those that are built in, those of share/profiles that are switched on, and those that quicklime.toml makes.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "ca/profile.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {

// The internal ones among them, which no setting changes. "setting-invalid", its field the table or key.
Result<std::vector<ca::Profile>> make_profiles(const SharedSettings& settings);
// Of settings that were checked when they were read.
std::vector<ca::Profile> configured_profiles(const SharedSettings& settings);

// Every profile that there is or that could be switched on, with what it is until a file says otherwise.
std::vector<ca::Profile> known_profiles();

}  // namespace quicklime::runtime
