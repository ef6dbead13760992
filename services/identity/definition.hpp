#pragma once

#include "runtime/definition.hpp"

namespace quicklime::identity {

runtime::Definition definition();

}  // namespace quicklime::identity
