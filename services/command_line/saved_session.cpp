#include "command_line/saved_session.hpp"

#include <algorithm>
#include <cstdlib>

#include "base/file.hpp"

namespace quicklime::command_line {
namespace {

namespace fs = std::filesystem;

std::string plain_url(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  std::transform(url.begin(), url.end(), url.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return url;
}

}  // namespace

Result<fs::path> session_file() {
  for (const auto& [variable, below] : {std::pair{"XDG_CONFIG_HOME", "quicklime"}, std::pair{"HOME", ".config/quicklime"}}) {
    const char* directory = std::getenv(variable);
    if (directory != nullptr && fs::path(directory).is_absolute()) return fs::path(directory) / below / "session";
  }
  return fail(
      ErrorCode::invalid, "home-unknown",
      "neither $XDG_CONFIG_HOME nor $HOME says where a session can be kept; a program shows an API token instead: --token-file FILE or "
      "$QUICKLIME_TOKEN");
}

Result<std::optional<SavedSession>> load_session() {
  const auto file = session_file();
  std::error_code ignored;
  if (!file || !fs::exists(*file, ignored)) return std::optional<SavedSession>();
  const auto content = read_key_file(*file);
  if (!content) return forward(content);
  auto session = decode_saved_session(std::string(content->reveal()));
  if (!session) return forward(session);
  return std::optional<SavedSession>(std::move(*session));
}

Result<void> save_session(const SavedSession& session) {
  const auto file = session_file();
  if (!file) return forward(file);
  std::error_code error;
  const bool made = fs::create_directories(file->parent_path(), error);
  if (made) fs::permissions(file->parent_path(), fs::perms::owner_all, error);
  if (error) return fail(ErrorCode::internal, "file-error", "cannot make " + file->parent_path().string() + ": " + error.message());
  return write_file(*file, encode(session), FileMode::private_, Overwrite::yes);
}

Result<void> forget_session() {
  const auto file = session_file();
  if (!file) return forward(file);
  std::error_code error;
  fs::remove(*file, error);
  if (error) return fail(ErrorCode::internal, "file-error", "cannot remove " + file->string() + ": " + error.message());
  return {};
}

bool is_of(const SavedSession& session, const std::string& server) { return plain_url(session.server) == plain_url(server); }

}  // namespace quicklime::command_line
