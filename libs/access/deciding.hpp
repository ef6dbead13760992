#pragma once
// The view of a role that issues: what libs/ca judges by, with the tokens that it needs for that.

#include <string>

#include "views/projection.hpp"

namespace quicklime::access {

// Authorities, tokens, and what decides who was first (libs/ca/decisions).
views::Projection deciding_projection(std::string name, unsigned version);

}  // namespace quicklime::access
