#pragma once
// One-time URLs: a single-use token behind '#', which no browser sends to a server and no proxy logs.

#include "base/secret.hpp"

namespace quicklime::command_line {

// The token of such a URL; or what is a token by itself.
Secret token_of_url(const Secret& url);

}  // namespace quicklime::command_line
