#include "base/log_throttle.hpp"

#include <algorithm>

namespace quicklime::log {

bool Throttle::passes(std::string_view kind, Time now) {
  auto found = windows_.find(kind);
  if (found == windows_.end()) {
    // Kinds are texts of ours, so there are few; should there be many after all, a line too much is better than memory without end.
    if (windows_.size() >= kMaximumKinds) return true;
    found = windows_.emplace(std::string(kind), Window{now}).first;
    next_look_ = windows_.size() == 1 ? now + kWindow : std::min(next_look_, now + kWindow);
  }
  return ++found->second.lines <= kLines;
}

std::vector<Throttle::HeldBack> Throttle::held_back(Time now) {
  std::vector<HeldBack> held;
  if (windows_.empty() || now < next_look_) return held;
  next_look_ = now + kWindow;
  for (auto window = windows_.begin(); window != windows_.end();) {
    const Time over = window->second.begun + kWindow;
    if (now < over) {
      next_look_ = std::min(next_look_, over);
      ++window;
      continue;
    }
    if (window->second.lines > kLines) held.push_back({window->first, window->second.lines - kLines});
    window = windows_.erase(window);
  }
  return held;
}

}  // namespace quicklime::log
