#pragma once
// That something is not there, as an answer.

#include "views/view.hpp"

namespace quicklime::views {

// One point. What is not in the view may be in the log and on its way here: without a value only once the view has held all that was
// in the log when this was asked, else "view-stale" (unavailable) after `within`. Asked by anybody, so it costs the log nothing: what
// is waited for is the view's own word that it has caught up since.
async::Task<Result<Points>> get_or_absent(View& view, PointKey key, Milliseconds within);

}  // namespace quicklime::views
