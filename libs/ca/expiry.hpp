#pragma once
// What ends when (certificates; in a space of their own sessions, access/session.hpp), as part of a role's view: so that a view lets them
// go by what stands in the log alone (certificates.expired). In points and not an index, because there it costs the certificate's key and
// little more.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

inline constexpr const char* kExpirySpace = "expiry";
views::Space expiry_space();

// Once per certificate, when it is issued. subject: how this view names the certificate, 1 to 255 bytes.
void note_expiry(std::string_view subject, Instant not_after, views::Fold& fold, std::string_view space = kExpirySpace);
// What note_expiry gets first.
std::vector<views::PointKey> expiry_reads(Instant not_after);

// Whether there is anything to take before this time, by the point first_expiry names.
views::PointKey first_expiry();
bool has_expired(const std::optional<std::string>& first, Instant before);

// Takes those off the list whose whole day (UTC) was over before this time; at most some 16,000, the rest is left for the next
// call.
std::vector<std::string> take_expired(Instant before, views::Fold& fold, std::string_view space = kExpirySpace);

}  // namespace quicklime::ca
