#pragma once
// The profiles of this CA: those that are built in, with the lifetimes of quicklime.toml, and those made from them there.

#include <vector>

#include "ca/profile.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {

// The internal ones among them, which no setting changes.
std::vector<ca::Profile> configured_profiles(const SharedSettings& settings);

}  // namespace quicklime::runtime
