#pragma once
// Events as bytes and back. One UTF-8 JSON object; the bytes first written are what is hashed,
// stored and moved, and are never encoded again.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "events/event.hpp"

namespace quicklime::events {

// Larger events are refused before anything is signed (libs/ca) and again by the log.
inline constexpr std::size_t kMaximumEventBytes = 60'000;

std::string encode(const Event& event);

// Upcasts older versions. Unknown additions inside a known model are ignored. Fails with
// verification_failed: "event-undecodable" (not our JSON, a field missing or of the wrong kind) or
// "event-unknown" (a model or type that this version does not know and that is not ignorable; a number of rules above kRules).
Result<Event> decode(std::string_view bytes);

// "certificate.issued", without the version.
std::string_view type_name(const Data& data);
// Of all events that this version knows.
std::vector<std::string_view> type_names();

// The data of an event as people are shown it: the JSON object that stands in the log, without DER and without hashes of secrets.
std::string shown_data(const Data& data);

}  // namespace quicklime::events
