#pragma once
// The process that folds the log in Kafka into one role's view in Redis: `quicklime-projector-<role>`. It makes no decision
// and holds no key. A second one of the same view does no harm: the view's compare-and-swap lets one of them work.

#include "runtime/definition.hpp"

namespace quicklime::runtime {

// `serve`, the default: until SIGTERM; the process's exit code. Its data directory holds quicklime.toml, and highest_seen, which it
// makes; nobody locks it, so that `rebuild` runs beside `serve`. Ready (/readyz) once the view has been at the log's end, and not while it
// is stopped; a view that stopped goes on being served and grows old. `rebuild`: folds the view anew beside the one that is there,
// switches, and ends. of_others: as daemon_main.
int projector_main(int argc, char** argv, Definition definition, std::vector<settings::Rows> of_others);

}  // namespace quicklime::runtime
