#include "base/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdio>
#include <vector>

#include "base/crash_point.hpp"
#include "base/descriptor.hpp"

namespace quicklime {
namespace {

// Of what lies in a directory that somebody else may own: certificates and keys, which are small.
constexpr std::size_t kLargest = 1024 * 1024;

namespace fs = std::filesystem;
constexpr int kMostLinks = 16;

int open_directory(int at, const fs::path& path) {
  return ::openat(at, path.empty() ? "." : path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

// Gives the file its name unless something has it.
int rename_new(int directory, const char* from, const char* to) {
  const int renamed = ::renameat2(directory, from, directory, to, RENAME_NOREPLACE);
  if (renamed == 0 || (errno != EINVAL && errno != ENOSYS)) return renamed;
  const int linked = ::linkat(directory, from, directory, to, 0);  // a file system that cannot: NFS
  if (linked == 0) (void)::unlinkat(directory, from, 0);
  return linked;
}

// Where the link leads that was opened, and not one that has its name by now.
Result<fs::path> target_of(int link, const fs::path& path) {
  std::array<char, 4096> target{};
  const ssize_t size = ::readlinkat(link, "", target.data(), target.size());
  if (size < 0) return system_failure("read", path);
  return fs::path(std::string(target.data(), static_cast<std::size_t>(size)));
}

}  // namespace

Result<Directory> Directory::open(const fs::path& path) {
  Descriptor opened(open_directory(AT_FDCWD, path));
  if (opened.get() < 0) return system_failure("open", path);
  return Directory(opened.release(), path);
}

Result<std::pair<Directory, std::string>> Directory::of_file(const fs::path& path) {
  Descriptor directory(open_directory(AT_FDCWD, path.parent_path()));
  fs::path place = path.parent_path();
  std::string name = path.filename().string();
  std::vector<uid_t> strangers;  // who made links
  for (int links = 0; links <= kMostLinks; ++links) {
    if (directory.get() < 0) return system_failure("read", place / name);
    const Descriptor found(::openat(directory.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    struct stat status {};
    if (found.get() < 0 || ::fstat(found.get(), &status) != 0) return system_failure("read", place / name);
    if (!S_ISLNK(status.st_mode)) {
      if (std::any_of(strangers.begin(), strangers.end(), [&](uid_t stranger) { return stranger != status.st_uid; })) {
        return fail(
            ErrorCode::denied, "file-link",
            path.string() + " is a link to " + (place / name).string() + " that neither root, nor you, nor the owner of that file made");
      }
      std::error_code unknown;  // the kernel knows where it is now
      const auto where = fs::read_symlink("/proc/self/fd/" + std::to_string(directory.get()), unknown);
      return std::pair(Directory(directory.release(), unknown ? place : where), name);
    }
    if (status.st_uid != 0 && status.st_uid != ::geteuid()) strangers.push_back(status.st_uid);
    const auto target = target_of(found.get(), place / name);
    if (!target) return forward(target);
    directory = Descriptor(open_directory(directory.get(), target->parent_path()));
    place = target->is_absolute() ? target->parent_path() : place / target->parent_path();
    name = target->filename().string();
  }
  return fail(ErrorCode::invalid, "file-error", "cannot read " + path.string() + ": too many links");
}

Directory::~Directory() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Directory::has(const std::string& name) const {
  struct stat status {};
  return ::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
}

Result<FileAccess> Directory::access_of(const std::string& name) const {
  struct stat status {};
  if (::fstatat(descriptor_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) return system_failure("read", path_ / name);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, "file-error", (path_ / name).string() + " is no regular file");
  return FileAccess{status.st_uid, status.st_gid, status.st_mode & 0777U};
}

namespace {

// Never through a link, and never waiting for somebody to write into a pipe.
Result<Descriptor> open_to_read(int directory, const std::string& name, const fs::path& path, struct stat& status) {
  Descriptor file(::openat(directory, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0 || ::fstat(file.get(), &status) != 0) return system_failure("read", path);
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid, "file-error", path.string() + " is no regular file");
  return file;
}

}  // namespace

Result<std::string> Directory::read(const std::string& name) const {
  struct stat status {};
  const auto file = open_to_read(descriptor_, name, path_ / name, status);
  if (!file) return forward(file);
  return read_whole(file->get(), path_ / name, kLargest);
}

Result<std::string> Directory::read_owned(const std::string& name, uid_t by) const {
  struct stat status {};
  const auto file = open_to_read(descriptor_, name, path_ / name, status);
  if (!file) return forward(file);
  if (status.st_uid != by || status.st_nlink != 1) {
    return fail(
        ErrorCode::denied, "file-foreign",
        (path_ / name).string() + " was not left there by quicklime: it belongs to another user, or has another name too; remove it");
  }
  return read_whole(file->get(), path_ / name, kLargest);
}

Result<void> Directory::write(const std::string& name, std::string_view content, const FileAccess& access, Overwrite overwrite) const {
  return write(name, content, access, access.mode, overwrite);
}

Result<void> Directory::write(const std::string& name, std::string_view content, FileMode mode, Overwrite overwrite) const {
  return write(name, content, std::nullopt, static_cast<mode_t>(mode), overwrite);
}

Result<void> Directory::write(const std::string& name, std::string_view content, const std::optional<FileAccess>& access, mode_t mode,
                              Overwrite overwrite) const {
  static std::atomic<unsigned> writes{0};  // two threads may write the same name
  const std::string beside = name + ".new-" + std::to_string(::getpid()) + "-" + std::to_string(writes.fetch_add(1));
  remove(beside);  // left by a crashed process of the same number
  const auto give_up = [&](const std::string& file) {
    auto failure = system_failure("write", path_ / file);
    remove(beside);
    return failure;
  };
  // O_EXCL: never through a link that somebody put there.
  const Descriptor file(::openat(descriptor_, beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (file.get() < 0) return system_failure("write", path_ / beside);
  if (!write_all(file.get(), content)) return give_up(beside);
  // Given away after it was written; the mode after that, whatever the umask said. Only root can give files away.
  const bool own = !access || ::fchown(file.get(), access->owner, access->group) == 0;
  if (own && ::fchmod(file.get(), mode) != 0) return give_up(beside);
  if (QUICKLIME_DURABLE("file.sync", ::fsync(file.get())) != 0) return give_up(beside);
  const int renamed = overwrite == Overwrite::yes
                          ? QUICKLIME_DURABLE("file.rename", ::renameat(descriptor_, beside.c_str(), descriptor_, name.c_str()))
                          : QUICKLIME_DURABLE("file.rename_new", rename_new(descriptor_, beside.c_str(), name.c_str()));
  if (renamed != 0) return give_up(name);
  return sync();
}

void Directory::remove(const std::string& name) const { (void)::unlinkat(descriptor_, name.c_str(), 0); }

Result<void> Directory::sync() const {
  if (QUICKLIME_DURABLE("file.sync_directory", ::fsync(descriptor_)) != 0) return system_failure("sync", path_);
  return {};
}

Result<void> make_private_directory(const fs::path& path) {
  std::error_code failed;
  fs::create_directories(path.parent_path(), failed);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_failure("make", path);
  const Descriptor made(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (made.get() >= 0 && ::fchmod(made.get(), 0700) != 0) return system_failure("make private", path);
  if (made.get() < 0 && !fs::is_directory(path, failed)) return system_failure("open", path);
  return {};
}

}  // namespace quicklime
