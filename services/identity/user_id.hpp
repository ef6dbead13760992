#pragma once
// How people type who they are.

#include <string_view>

#include "base/id.hpp"

namespace quicklime::identity {

// "alice" and "Alice " are local:alice; "acme:alice" is acme:alice.
UserId typed_user(std::string_view text);

}  // namespace quicklime::identity
