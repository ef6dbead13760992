#pragma once
// What a setting can be, and how its value stands in TOML.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/instant.hpp"
#include "base/logging.hpp"
#include "base/result.hpp"
#include "base/toml.hpp"
#include "settings/listen_address.hpp"

namespace quicklime::settings {

// Where the value of a setting is: in the struct that it belongs to, which it does not outlive.
using Target = std::variant<std::string*, std::vector<std::string>*, ListenAddress*, Milliseconds*, std::optional<Milliseconds>*,
                            std::size_t*, unsigned*, bool*, log::Level*, log::Format*>;

struct Bounds {  // of counts, and of durations in milliseconds
  std::int64_t minimum = 0;
  std::int64_t maximum = std::numeric_limits<std::int64_t>::max();
};

// "setting-invalid" says what would be right; the target is as it was then.
Result<void> read(const TomlValue& value, const Bounds& bounds, const Target& target);
// "duration", "address", "count", "text", "texts", "flag", "choice: debug, info, ..."
std::string kind(const Target& target);
// As TOML has it: "1h" with its quotes. Empty: of a value that may be missing and is.
std::string literal(const Target& target);
std::string in_quotes(std::string_view text);

}  // namespace quicklime::settings
