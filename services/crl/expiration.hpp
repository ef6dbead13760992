#pragma once
// Says in the log which certificates have ended beyond doubt (certificates.expired): the one thing of a CA that cannot be taken
// back, since views forget by it. So no single clock is enough for it.

#include "base/instant.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/service.hpp"

namespace quicklime::crl {

// Any replica may; the same date a second time changes nothing. One coroutine runs it.
class Expiration {
 public:
  Expiration(api::ServiceContext context, runtime::ClockWatch& clocks);

  // For ever, a look a minute.
  async::Task<void> run();
  // Appends the event when all clocks have agreed for a day, and a later day than that of the last event is due: midnight (UTC) at
  // least seven days ago, and at least a day further back than a certificate may be renewed after its end. The same day again where
  // the view has more to forget than it takes in one step. Looks at the clocks itself, right before: whether they agreed a moment ago
  // is not enough. Whether it did.
  async::Task<Result<bool>> look();

 private:
  api::ServiceContext context_;
  runtime::ClockWatch& clocks_;
};

}  // namespace quicklime::crl
