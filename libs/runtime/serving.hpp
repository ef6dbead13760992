#pragma once
// What every process that serves does alike.

#include "access/denials.hpp"
#include "async/task.hpp"
#include "http/server.hpp"
#include "runtime/configuration.hpp"

namespace quicklime::runtime {

http::Limits http_limits(const Configuration& configuration);
unsigned thread_count(const Configuration& configuration);
// For ever: writes the counts of denials every few seconds.
async::Task<void> flush_denials(access::Denials& denials);

}  // namespace quicklime::runtime
