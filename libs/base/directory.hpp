#pragma once
// Files of a directory that may belong to somebody else: while we look, its owner may put anything in the place of anything.

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime {

// Who owns a file, and who may do what with it.
struct FileAccess {
  uid_t owner;
  gid_t group;
  mode_t mode;
};

// An open directory: whatever its path leads to later, these are the files of the directory that was opened. Names are single
// components; a symbolic link under a name is never followed, and what is no regular file is refused ("file-error"). Owner and
// mode are set on the file that was made and not on what has its name. One thread.
class Directory {
 public:
  static Result<Directory> open(const std::filesystem::path& path);
  // The directory and the name of the file that a path leads to. Links of the last component are followed if root, this
  // process's user, or the owner of what they lead to made them: "file-link". "file-error" when there is nothing.
  static Result<std::pair<Directory, std::string>> of_file(const std::filesystem::path& path);
  Directory(Directory&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
  Directory& operator=(Directory&&) = delete;
  ~Directory();

  const std::filesystem::path& path() const { return path_; }  // as it was then: for people

  bool has(const std::string& name) const;
  Result<FileAccess> access_of(const std::string& name) const;
  Result<std::string> read(const std::string& name) const;
  // Only what has no other name (a hard link to somebody's file) and belongs to this user: "file-foreign".
  Result<std::string> read_owned(const std::string& name, uid_t by) const;
  // As write_file. With the owner and group of `access` where this process may give files away, else private to itself.
  Result<void> write(const std::string& name, std::string_view content, const FileAccess& access, Overwrite overwrite) const;
  Result<void> write(const std::string& name, std::string_view content, FileMode mode, Overwrite overwrite) const;
  void remove(const std::string& name) const;
  Result<void> sync() const;

 private:
  Directory(int descriptor, std::filesystem::path path) : descriptor_(descriptor), path_(std::move(path)) {}
  Result<void> write(const std::string& name, std::string_view content, const std::optional<FileAccess>& access, mode_t mode,
                     Overwrite overwrite) const;
  int descriptor_;
  std::filesystem::path path_;
};

// Makes it, or makes it again what it must be: its owner's alone. What a link in its place leads to is left as it is.
Result<void> make_private_directory(const std::filesystem::path& path);

}  // namespace quicklime
