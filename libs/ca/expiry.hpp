#pragma once
// Which certificates of an authority end when, as part of a role's view: so that a view lets them go by what stands in the
// log alone. In points and not an index, because there it costs the serial and little more.

#include <string>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/serial_number.hpp"
#include "views/projection.hpp"

namespace quicklime::ca {

inline constexpr const char* kExpirySpace = "expiry";
views::Space expiry_space();

// Once per certificate, when it is issued.
void note_expiry(const AuthorityId& authority, const SerialNumber& serial, Instant not_after, views::Fold& fold);
// What note_expiry gets first.
std::vector<views::PointKey> expiry_reads(const AuthorityId& authority, Instant not_after);

// Takes those off the list that ended at least a whole day before this time; at most some 16,000, the rest is left for the
// next call. The day keeps what is taken clear of any CRL that is being written just now.
std::vector<SerialNumber> take_expired(const AuthorityId& authority, Instant before, views::Fold& fold);

}  // namespace quicklime::ca
