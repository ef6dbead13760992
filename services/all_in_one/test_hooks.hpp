#pragma once
// For tests only, and only on the control socket: what cannot be brought about from outside a process. The routes exist
// when the process was started with QUICKLIME_TEST_HOOKS=1 in its environment.

#include <vector>

#include "all_in_one/embedded.hpp"
#include "http/router.hpp"

namespace quicklime::all_in_one {

bool test_hooks_enabled();
// POST /test/pause-projection, /test/resume-projection   the projection thread rests between batches
// POST /test/stall-log, /test/unstall-log                the log's writer takes nothing from its queue
std::vector<http::Route> test_hook_routes(Embedded& embedded);

}  // namespace quicklime::all_in_one
