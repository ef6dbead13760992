#pragma once
// All that may stand in quicklime.toml: one file serves every process, so each knows the rows of all of them.

#include <vector>

#include "settings/rows.hpp"

namespace quicklime::runtime {

// Of every process, of the roles, and of daemons alone.
std::vector<settings::Rows> known_settings(std::vector<settings::Rows> of_roles);

}  // namespace quicklime::runtime
