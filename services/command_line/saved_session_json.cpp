#include <nlohmann/json.hpp>

#include "command_line/saved_session.hpp"

namespace quicklime::command_line {

std::string encode(const SavedSession& session) {
  return nlohmann::ordered_json{
             {"server", session.server}, {"roots", session.roots}, {"user", session.user}, {"text", session.text.reveal()}}
             .dump(2) +
         "\n";
}

Result<SavedSession> decode_saved_session(const std::string& text) {
  try {
    const auto json = nlohmann::ordered_json::parse(text);
    return SavedSession{json.at("server").get<std::string>(), json.value("roots", ""), json.value("user", ""),
                        Secret(json.at("text").get<std::string>())};
  } catch (const nlohmann::ordered_json::exception&) {
    return fail(ErrorCode::invalid, "session-file-damaged",
                "the file in which quicklime login keeps its session is not as it wrote it: quicklime logout removes it");
  }
}

}  // namespace quicklime::command_line
