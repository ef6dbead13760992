#pragma once
// What changes a person, a rule or a session: written, seen by this role's own view, and judged there by whether its author was live.

#include <functional>
#include <vector>

#include "api/route.hpp"
#include "views/view.hpp"

namespace quicklime::identity {

// How to see in the view that an event took effect.
struct Accepted {
  std::vector<views::PointKey> reads;
  // Whether the event is what the view went by, out of what was read.
  std::function<bool(const std::vector<std::optional<std::string>>& values, const eventlog::Appended& appended)> by;
};

// Appends `data` in the name of whoever calls. "view-behind" (outcome unknown): it is written and not judged yet; ca::refusal of its author
// ("token-revoked", "session-ended") or `lost` where the view did not go by it.
async::Task<Result<eventlog::Appended>> write_judged(const api::ServiceContext& context, const api::Call& call, std::string subject,
                                                     events::Data data, Accepted accepted, Error lost);

}  // namespace quicklime::identity
