#pragma once

#include "views/projection.hpp"

namespace quicklime::identity {

// What every role that decides knows, and who people are.
views::Projection projection();

}  // namespace quicklime::identity
