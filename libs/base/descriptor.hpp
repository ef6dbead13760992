#pragma once
// An open file, closed at the end of its scope. Of this library only.

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>

#include "base/result.hpp"

namespace quicklime {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Of the system call that has just failed.
Failure system_failure(const char* verb, const std::filesystem::path& path);
// Everything from here to the end. Room for the whole file is made at once: growing would leave copies of a secret behind.
// "file-too-large": more than `most` bytes. Nothing is made of what its size says before it is known to be small enough.
Result<std::string> read_whole(int fd, const std::filesystem::path& path, std::size_t most = std::numeric_limits<std::size_t>::max());

}  // namespace quicklime
