#pragma once

#include "runtime/definition.hpp"

namespace quicklime::toy {

runtime::Definition definition();

}  // namespace quicklime::toy
