#pragma once
// Random bytes from OpenSSL's generator, drawn in batches per thread (one draw of 8 KiB serves
// 512 serials). Any thread; aborts when the system has no randomness to give.

#include <string>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/secret.hpp"
#include "base/serial_number.hpp"

namespace quicklime::crypto {

std::string random_bytes(std::size_t count);
Secret random_secret(std::size_t count);

// 16 random octets, positive (RFC 5280 section 4.1.2.2; at least 64 bits unpredictable).
SerialNumber random_serial_number();

// RFC 9562 section 5.7, lower-case text; ordered by time.
std::string uuid_v7(Instant now);

}  // namespace quicklime::crypto
