#pragma once

#include <string_view>

namespace quicklime::crypto {

// Equal content, in a time that depends on the lengths alone. For every comparison with a secret.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace quicklime::crypto
