#pragma once

#include "runtime/definition.hpp"

namespace quicklime::crl {

runtime::Definition definition();

}  // namespace quicklime::crl
