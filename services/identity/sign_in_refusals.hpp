#pragma once
// What whoever does not get in hears.

#include "base/result.hpp"

namespace quicklime::identity {

// Alike for every reason: a name that nobody has, a wrong password, somebody who is disabled.
inline Failure failed() {
  return fail(ErrorCode::unauthenticated, "sign-in-failed",
              "this is nobody's name and password, or it is disabled; whoever forgot a password asks an administrator for a one-time URL "
              "(`quicklime user one-time NAME`)");
}

inline Error one_time_used() {
  return {ErrorCode::conflict, "one-time-used", "this one-time URL was used before; ask for another one", ""};
}

}  // namespace quicklime::identity
