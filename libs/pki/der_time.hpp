#pragma once
// Internal: Time as certificates, CRLs and OCSP write it.

#include <optional>
#include <string>

#include "base/instant.hpp"
#include "pki/der.hpp"

namespace quicklime::pki {

// UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 section 4.1.2.5). Whole seconds; past the
// year 9999 the last second of it, which the RFC gives to certificates without an end.
void append_time(std::string& out, Instant instant);
void append_generalized_time(std::string& out, Instant instant);  // RFC 6960 section 4.2.2.1: always
// Either form, in UTC ("Z") and with seconds. UTCTime means 1950 to 2049.
std::optional<Instant> read_time(DerReader& reader);
std::optional<Instant> read_generalized_time(DerReader& reader);

}  // namespace quicklime::pki
