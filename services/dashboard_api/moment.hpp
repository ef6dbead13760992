#pragma once
// How a certificate stood at a past moment, or at a position of the log. Kept with each: the view alone answers.

#include <optional>
#include <string>
#include <string_view>

#include "api/context.hpp"
#include "async/task.hpp"
#include "dashboard_api/view.hpp"

namespace quicklime::dashboard_api {

struct Moment {
  std::string text;                    // as it was asked for
  std::optional<Position> position{};  // up to here, itself included; else by the times of events
  Instant time;                        // with a position: of its event
};
// An RFC 3339 time or a position, whose time is still to be found: "as-of-malformed".
Result<Moment> parse_moment(std::string_view text);
// With the time of its event, out of the log. "as-of-not-yet" (invalid): later than now, or than the view.
async::Task<Result<Moment>> resolve(Moment moment, const api::ServiceContext& context);

bool is_before(const Moment& moment, Position position, Instant time);  // what happened there was not there yet

// As it was then; nullopt: it had not been issued. With history_cut its status then is not known here: it has been cut off its history.
std::optional<Certificate> as_of(const Certificate& certificate, const Moment& moment);

}  // namespace quicklime::dashboard_api
