#pragma once
// Blocking work by its kind, with a pool for each: what hangs in one (a broker that is silent, a device that signs) never stops the others.

#include "async/offload.hpp"

namespace quicklime::async {

struct Pools {
  // first_of_log: what each thread of `log` does before anything else.
  explicit Pools(std::function<void()> first_of_log = nullptr) : log(2, "log", std::move(first_of_log)) {}

  OffloadPool signatures{2, "signatures"};  // by keys that are slow: RSA, or in a device
  OffloadPool log;                          // questions to it: where it ends, what one event says
  OffloadPool files{1, "files"};            // of the data directory
};

}  // namespace quicklime::async
