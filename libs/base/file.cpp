#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>

#include "base/crash_point.hpp"

namespace quicklime {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Failure system_failure(const char* verb, const std::filesystem::path& path) {
  const int error = errno;
  const ErrorCode code = error == ENOENT                     ? ErrorCode::not_found
                         : error == EACCES || error == EPERM ? ErrorCode::denied
                                                             : ErrorCode::internal;
  return fail(code, error == EEXIST ? "file-exists" : "file-error",
              std::string("cannot ") + verb + " " + path.string() + ": " + std::strerror(error));
}

Result<std::string> read_whole(const std::filesystem::path& path) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_failure("read", path);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_failure("read", path);
  // Room for the whole file at once: growing would leave copies of a secret behind.
  std::string content(static_cast<std::size_t>(status.st_size) + 4096, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size == content.size()) content.resize(content.size() * 2);
  }
  content.resize(size);
  return content;
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t put = ::write(fd, content.data(), content.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) { return read_whole(path); }

Result<Secret> read_secret_file(const std::filesystem::path& path) {
  auto content = read_whole(path);
  if (!content) return forward(content);
  return Secret(std::move(*content));
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  Descriptor opened(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || QUICKLIME_DURABLE("file.sync_directory", ::fsync(opened.get())) != 0) return system_failure("sync", directory);
  return {};
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content, FileMode mode, Overwrite overwrite) {
  static std::atomic<unsigned> writes{0};  // two threads may write the same path
  const std::filesystem::path beside = path.string() + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(writes.fetch_add(1));
  ::unlink(beside.c_str());  // left by a crashed process of the same number
  {
    // O_EXCL: never through a link that somebody put there.
    Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
    // fchmod: the mode is what was asked, whatever the umask or an earlier file said.
    if (file.get() < 0 || ::fchmod(file.get(), static_cast<mode_t>(mode)) != 0) return system_failure("write", beside);
    if (!write_all(file.get(), content) || QUICKLIME_DURABLE("file.sync", ::fsync(file.get())) != 0) {
      auto failure = system_failure("write", beside);
      ::unlink(beside.c_str());
      return failure;
    }
  }
  if (overwrite == Overwrite::yes) {
    if (QUICKLIME_DURABLE("file.rename", ::rename(beside.c_str(), path.c_str())) != 0) {
      auto failure = system_failure("write", path);
      ::unlink(beside.c_str());
      return failure;
    }
  } else {
    // link(2) refuses an existing name, which rename(2) would replace.
    const int linked = QUICKLIME_DURABLE("file.link", ::link(beside.c_str(), path.c_str()));
    auto failure = linked == 0 ? Failure(Error{}) : system_failure("write", path);
    ::unlink(beside.c_str());
    if (linked != 0) return failure;
  }
  return sync_directory(path.parent_path());
}

Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (QUICKLIME_DURABLE("file.rename_directory", ::rename(from.c_str(), to.c_str())) != 0) return system_failure("rename", to);
  return sync_directory(to.parent_path());
}

}  // namespace quicklime
