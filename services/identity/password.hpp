#pragma once
// Passwords of local users: Argon2id (RFC 9106), sealed under ca/access.key, so that who reads the log or a view has nothing to guess by.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "async/offload.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::identity {

struct PasswordCost {
  std::size_t memory = 19'456;  // KiB of one password
  std::size_t passes = 2;
  std::size_t threads = 1;  // passwords at a time
};

// 8 to 256 characters that can be shown, and not the user's name; nothing is said of capitals and digits (NIST SP 800-63B section 5.1.1.2).
// user: "local:alice". "password-too-short", "password-too-long", "password-not-text", "password-is-name".
Result<void> check_password(std::string_view user, const Secret& password);

// Any thread. One password takes tens of milliseconds, on threads of its own that are a little nice; 32 wait, and whoever comes then hears
// "sign-in-busy", to ask again. Destroy it after the loops.
class Passwords {
 public:
  static constexpr std::size_t kWaiting = 32;
  // Of nobody: it is hashed at start, for names that do not exist, and lets nobody in.
  static constexpr std::string_view kNobodysPassword = "nobody's password";

  Passwords(PasswordCost cost, Secret access_key);

  // What `user.password_set` keeps: octets that open under this key and for this user alone. The password was checked.
  async::Task<Result<std::string>> sealed(std::string user, const Secret& password);
  // nullopt: the user has no password, or there is no such user. The same work is done, and the answer is no. So it is where `sealed`
  // does not open, which a log line tells the administrator.
  async::Task<Result<bool>> verify(std::string user, std::optional<std::string> sealed, const Secret& password);

  // Of the access key, 8 hex digits: `user.password_set` says by which it was sealed.
  const std::string& key_id() const { return key_id_; }

 private:
  std::shared_ptr<void> place();  // among those that run or wait, until it is let go; nullptr: none is free

  const PasswordCost cost_;
  const Secret access_key_;
  const std::string key_id_;
  const std::string nobody_;
  std::atomic<std::size_t> places_taken_ = 0;
  async::OffloadPool pool_;  // last: what waits in it refers to the others
};

}  // namespace quicklime::identity
