#pragma once
// What a browser or a command line keeps of a sign-in that succeeded: who has it is not kept out by what others guessed about his name.

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace quicklime::identity {

// Nothing of it is stored: 12 random octets and their HMAC with the name, base64url. Any thread.
class DeviceCookies {
 public:
  explicit DeviceCookies(const Secret& access_key);

  std::string make(std::string_view name) const;
  // The text is one that make() gave out for this name, here or in another replica.
  bool knows(std::string_view name, std::string_view text) const;

 private:
  std::string proof(std::string_view name, std::string_view random) const;

  const Secret key_;
};

}  // namespace quicklime::identity
