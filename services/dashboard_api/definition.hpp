#pragma once

#include "runtime/definition.hpp"

namespace quicklime::dashboard_api {

runtime::Definition definition();

}  // namespace quicklime::dashboard_api
