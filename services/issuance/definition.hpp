#pragma once

#include "runtime/definition.hpp"

namespace quicklime::issuance {

runtime::Definition definition();

}  // namespace quicklime::issuance
