#pragma once
// Who people are, as they type it and as requests name them.

#include <string_view>

#include "base/id.hpp"
#include "base/result.hpp"

namespace quicklime::identity {

// "alice" and "Alice " are local:alice. Of another provider the rest is as that provider has it: "acme:Alice" is not acme:alice.
UserId typed_user(std::string_view text);
// The same, of what is stored or looked for: "user-name-malformed" where it is not 1 to 256 bytes of printable text, or shows a secret.
Result<UserId> read_user_id(std::string_view text);
// Whether a provider's word for somebody may stand in an event and be shown.
bool is_presentable(std::string_view text);

}  // namespace quicklime::identity
