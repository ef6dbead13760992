#pragma once
// Files, read whole and written so that a crash leaves the old content or the new one.

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime {

enum class FileMode : unsigned { private_ = 0600, public_ = 0644 };
enum class Overwrite { no, yes };

Result<std::string> read_file(const std::filesystem::path& path);
Result<Secret> read_secret_file(const std::filesystem::path& path);
// Refused when others than its owner may read it: "key-file-mode", with the chmod to run.
Result<Secret> read_key_file(const std::filesystem::path& path);

// Writes beside the target, fsyncs, renames, fsyncs the directory. Overwrite::no refuses an
// existing file ("file-exists") without touching it.
Result<void> write_file(const std::filesystem::path& path, std::string_view content, FileMode mode, Overwrite overwrite);

// Renames a directory or file into place and makes the new name durable. A file that was there is
// replaced; a directory may be there only if it is empty.
Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);
Result<void> sync_directory(const std::filesystem::path& directory);

}  // namespace quicklime
