#pragma once

#include "runtime/definition.hpp"

namespace quicklime::revocation {

runtime::Definition definition();

}  // namespace quicklime::revocation
