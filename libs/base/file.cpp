#include "base/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/crash_point.hpp"
#include "base/descriptor.hpp"
#include "base/directory.hpp"

namespace quicklime {

Failure system_failure(const char* verb, const std::filesystem::path& path) {
  const int error = errno;
  const ErrorCode code = error == ENOENT                     ? ErrorCode::not_found
                         : error == EACCES || error == EPERM ? ErrorCode::denied
                                                             : ErrorCode::internal;
  return fail(code, error == EEXIST ? "file-exists" : "file-error",
              std::string("cannot ") + verb + " " + path.string() + ": " + std::strerror(error));
}

Result<std::string> read_whole(int fd, const std::filesystem::path& path, std::size_t most) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return system_failure("read", path);
  const auto too_large = [&] {
    return fail(ErrorCode::invalid, "file-too-large",
                path.string() + " holds more than the " + std::to_string(most) + " bytes that it may have");
  };
  if (static_cast<std::size_t>(status.st_size) > most) return too_large();
  std::string content(static_cast<std::size_t>(status.st_size) + 4096, '\0');
  std::size_t size = 0;
  for (;;) {
    const ssize_t got = ::read(fd, content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
    if (size > most) return too_large();
    if (size == content.size()) content.resize(content.size() * 2);
  }
  content.resize(size);
  return content;
}

namespace {

Result<std::string> read_path(const std::filesystem::path& path, bool secret) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return system_failure("read", path);
  struct stat status {};
  if (secret && ::fstat(file.get(), &status) == 0 && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return fail(ErrorCode::denied, "key-file-mode",
                path.string() + " may be read by others than its owner; `chmod 600 " + path.string() + "`, and consider who did read it");
  }
  return read_whole(file.get(), path);
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& path) { return read_path(path, false); }

Result<Secret> read_secret_file(const std::filesystem::path& path) {
  auto content = read_path(path, false);
  if (!content) return forward(content);
  return Secret(std::move(*content));
}

Result<Secret> read_key_file(const std::filesystem::path& path) {
  auto content = read_path(path, true);
  if (!content) return forward(content);
  return Secret(std::move(*content));
}

Result<void> sync_directory(const std::filesystem::path& directory) {
  const auto opened = Directory::open(directory);
  return opened ? opened->sync() : forward(opened);
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content, FileMode mode, Overwrite overwrite) {
  const auto directory = Directory::open(path.parent_path());
  if (!directory) return forward(directory);
  return directory->write(path.filename().string(), content, mode, overwrite);
}

Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (QUICKLIME_DURABLE("file.rename_directory", ::rename(from.c_str(), to.c_str())) != 0) return system_failure("rename", to);
  return sync_directory(to.parent_path());
}

}  // namespace quicklime
