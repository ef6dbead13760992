#pragma once

#include <array>
#include <string_view>

namespace quicklime::crypto {

// Only for the sums that CFSSL shows of what it answers; nothing goes by them.
using Md5Digest = std::array<char, 16>;
Md5Digest md5(std::string_view bytes);
inline std::string_view view(const Md5Digest& digest) { return {digest.data(), digest.size()}; }

}  // namespace quicklime::crypto
