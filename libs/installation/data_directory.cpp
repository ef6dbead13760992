#include "installation/data_directory.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "base/file.hpp"

namespace quicklime::installation {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path home() {
  if (const std::string home = environment("HOME"); !home.empty()) return home;
  const passwd* user = ::getpwuid(::geteuid());
  return user == nullptr ? "/" : user->pw_dir;
}

Failure system_failure(const std::string& what, const std::filesystem::path& path) {
  const int error = errno;
  const ErrorCode code = error == EACCES || error == EPERM ? ErrorCode::denied : ErrorCode::internal;
  return fail(code, "file-error", "cannot " + what + " " + path.string() + ": " + std::strerror(error));
}

// Is the locked file still the one that others will find? Not when the directory was removed or replaced meanwhile.
bool still_in_place(int descriptor, const std::filesystem::path& path) {
  struct stat locked {
  }, found{};
  return ::fstat(descriptor, &locked) == 0 && ::stat(path.c_str(), &found) == 0 && locked.st_dev == found.st_dev &&
         locked.st_ino == found.st_ino;
}

// An empty file: the holder has the lock and is about to write who it is.
std::string read_holder(int descriptor) {
  std::array<char, 512> content{};
  const ssize_t size = ::pread(descriptor, content.data(), content.size(), 0);
  std::string holder(content.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  holder.erase(std::find(holder.begin(), holder.end(), '\n'), holder.end());
  return holder.empty() ? "a process that has just started" : holder;
}

// For people only: a failure here takes nothing from the lock.
void write_holder(int descriptor, const std::string& command) {
  std::string holder = "pid " + std::to_string(::getpid()) + ", " + command.substr(0, 400);
  std::replace(holder.begin(), holder.end(), '\n', ' ');
  holder += ", since " + SystemClock().now().rfc3339_seconds() + "\n";
  if (::ftruncate(descriptor, 0) == 0) (void)!::pwrite(descriptor, holder.data(), holder.size(), 0);
}

// The socket of a holder that was killed. Whoever holds the lock may know that nobody listens there.
void remove_stale_socket(const std::filesystem::path& path) {
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());
}

}  // namespace

DataDirectory find_data_directory(const std::string& option) {
  std::filesystem::path chosen = option;
  if (chosen.empty()) chosen = environment("QUICKLIME_DATA");
  if (chosen.empty() && ::geteuid() == 0) chosen = "/var/lib/quicklime";
  if (chosen.empty()) {
    // XDG Base Directory Specification: a relative value is to be ignored.
    std::filesystem::path data_home = environment("XDG_DATA_HOME");
    if (!data_home.is_absolute()) data_home = home() / ".local/share";
    chosen = data_home / "quicklime";
  }
  chosen = std::filesystem::absolute(chosen).lexically_normal();
  if (!chosen.has_filename()) chosen = chosen.parent_path();  // "data/"
  return DataDirectory{chosen};
}

std::string data_option(const DataDirectory& directory) {
  if (find_data_directory("").root == directory.root) return "";
  return " --data " + directory.root.string();
}

Result<std::unique_ptr<DirectoryLock>> DirectoryLock::take(const DataDirectory& directory, const std::string& command,
                                                           Milliseconds patience) {
  std::error_code ignored;
  if (!std::filesystem::is_directory(directory.root, ignored) || std::filesystem::is_empty(directory.root, ignored)) {
    return fail(ErrorCode::not_found, "data-directory-missing",
                "there is no certificate authority in " + directory.root.string() + "; `quicklime init --data " + directory.root.string() +
                    "` makes one");
  }
  const auto give_up = std::chrono::steady_clock::now() + patience;
  for (;;) {
    const int descriptor = ::open(directory.lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor < 0) return system_failure("open", directory.lock());
    std::unique_ptr<DirectoryLock> lock(new DirectoryLock(descriptor));

    if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
      if (still_in_place(descriptor, directory.lock())) {
        write_holder(descriptor, command);
        remove_stale_socket(directory.control_socket());
        return lock;
      }
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_failure("lock", directory.lock());
    }
    if (std::chrono::steady_clock::now() >= give_up) {
      return fail(ErrorCode::conflict, "data-directory-held",
                  directory.root.string() + " is held by " + read_holder(descriptor) + "; stop it, or let it finish, and try again");
    }
    std::this_thread::sleep_for(Milliseconds(20));
  }
}

DirectoryLock::~DirectoryLock() { ::close(descriptor_); }

std::optional<std::string> lock_holder(const DataDirectory& directory) {
  const int descriptor = ::open(directory.lock().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return std::nullopt;
  // Shared, and for no longer than this: one who takes the lock at this moment tries again.
  const bool free = ::flock(descriptor, LOCK_SH | LOCK_NB) == 0;
  auto holder = free ? std::nullopt : std::optional(read_holder(descriptor));
  ::close(descriptor);
  return holder;
}

}  // namespace quicklime::installation
