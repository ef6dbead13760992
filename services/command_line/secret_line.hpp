#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::command_line {

// A password, a token, a revocation secret: the first line of a file, which editors and shells end with a line feed.
Result<Secret> read_secret_line(const std::filesystem::path& file);

}  // namespace quicklime::command_line
