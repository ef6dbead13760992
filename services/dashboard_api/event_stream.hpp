#pragma once
// Events as people follow them: server-sent events (WHATWG HTML, section 9.2), and the JSON of each.

#include <memory>
#include <string>
#include <vector>

#include "http/message.hpp"
#include "runtime/feed.hpp"

namespace quicklime::dashboard_api {

// {"position":"0.42","time":...,"type":"certificate.issued","id":...,"actor":{"kind":...,"id":...},"request":...,"subject":...,"data":{...}},
// with no hash of a secret and no DER.
std::string describe_event(const events::Event& event, Position position);

// Of which types; none: of all.
using EventTypes = std::vector<std::string>;
bool is_one_of(const EventTypes& types, std::string_view type);

inline constexpr Milliseconds kHeartbeat{15'000};

// What is folded behind a position, as it comes and for as long as somebody reads:
//   id: 0.42
//   event: certificate.issued
//   data: {...}
// Before the first, and where nothing was sent for `heartbeat`, the position alone that was looked at last: whoever resumes there misses
// nothing, and looks at nothing twice.
std::shared_ptr<http::BodyStream> event_stream(std::shared_ptr<runtime::Feed> feed, Position after, EventTypes types,
                                               Milliseconds heartbeat = kHeartbeat);

}  // namespace quicklime::dashboard_api
