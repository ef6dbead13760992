#pragma once
// Whether anybody reads the least important lines.

namespace quicklime::log {

// Whether lines of Level::debug are written (base/logging.hpp): for whoever would make one for each event. Any thread.
bool shows_debug();

}  // namespace quicklime::log
