#pragma once
// Signing in, sessions, users, rules, tokens.

#include "identity/projection.hpp"
#include "identity/settings.hpp"
#include "runtime/service.hpp"

namespace quicklime::identity {

// access_key: 32 octets, of ca/access.key. "setting-invalid", naming the connection that is wrong.
Result<runtime::Service> make_service(const api::ServiceContext& context, Secret access_key);

}  // namespace quicklime::identity
