#pragma once
// Where `quicklime login` keeps its session: $XDG_CONFIG_HOME/quicklime/session, for its owner alone.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"

namespace quicklime::command_line {

struct SavedSession {
  std::string server;  // its URL, without a final '/'
  std::string roots;   // the file that its certificate was checked by, for logout; empty: the system's
  std::string user;    // "local:alice"
  Secret text;
};

// $XDG_CONFIG_HOME, else ~/.config. "home-unknown": neither it nor $HOME says where.
Result<std::filesystem::path> session_file();
// nullopt: nobody is signed in. One that others may read is refused ("key-file-mode").
Result<std::optional<SavedSession>> load_session();
Result<void> save_session(const SavedSession& session);
Result<void> forget_session();
// The same server, however it is written.
bool is_of(const SavedSession& session, const std::string& server);

std::string encode(const SavedSession& session);
Result<SavedSession> decode_saved_session(const std::string& text);

}  // namespace quicklime::command_line
