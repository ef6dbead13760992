#pragma once
// A value that must not be seen: private keys, tokens, passwords, HMAC keys.

#include <string>
#include <string_view>
#include <utility>

namespace quicklime {

// Move-only, wiped on destruction and on move, without operator<< and without JSON, so that it
// cannot reach a log line, an event or a URL by accident. Compare with crypto/constant_time.hpp.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string&& bytes);  // takes the bytes over and wipes the argument
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  static Secret copy_of(std::string_view bytes);
  // The only way to the bytes; the view dies with the Secret. The name is meant to be searched for.
  std::string_view reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }

 private:
  std::string bytes_;
};

// Overwrites in a way that the optimiser keeps (explicit_bzero).
void wipe(std::string& bytes) noexcept;

}  // namespace quicklime
