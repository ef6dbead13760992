#pragma once

#include "runtime/definition.hpp"

namespace quicklime::ocsp {

runtime::Definition definition();

}  // namespace quicklime::ocsp
