#pragma once

#include "runtime/definition.hpp"

namespace quicklime::renewal {

runtime::Definition definition();

}  // namespace quicklime::renewal
