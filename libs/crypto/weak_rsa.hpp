#pragma once
// Internal: RSA moduli that can be factored because of how they were made.

#include <string_view>

namespace quicklime::crypto {

// Why the modulus is no secret, as it is told to whoever brought it; null: nothing is known against it. Big-endian, its first octet not
// zero, a multiple of four octets. Costs some tens of microseconds.
const char* weakness_of_modulus(std::string_view modulus);

}  // namespace quicklime::crypto
