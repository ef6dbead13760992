#pragma once
// The registry as Prometheus reads it.

#include <string>

#include "base/metrics.hpp"

namespace quicklime::runtime {

// Text exposition format 0.0.4. Gauges are asked on this thread.
std::string metrics_text(const metrics::Registry& registry);

}  // namespace quicklime::runtime
