#include "base/secret.hpp"

#include <cstring>

namespace quicklime {

void wipe(std::string& bytes) noexcept {
  explicit_bzero(bytes.data(), bytes.capacity());  // capacity: an earlier, longer content too
  bytes.clear();
}

// A copy and a wipe instead of a move: a moved-from short string keeps its characters.
Secret::Secret(std::string&& bytes) : bytes_(bytes) { wipe(bytes); }
Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_.swap(other.bytes_);
  }
  return *this;
}
Secret::~Secret() { wipe(bytes_); }

Secret Secret::copy_of(std::string_view bytes) {
  Secret secret;
  secret.bytes_.assign(bytes);
  return secret;
}

}  // namespace quicklime
