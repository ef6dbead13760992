#include <nlohmann/json.hpp>

#include "access/session.hpp"

// Sessions as a view keeps them.
namespace quicklime::access {

using SessionJson = nlohmann::json;

std::string encode(const SessionRecord& session) {
  SessionJson json{{"id", session.id.text()},
                   {"user", session.user.text()},
                   {"name", session.name},
                   {"method", session.method},
                   {"role", session.role},
                   {"profiles", session.profiles},
                   {"names", session.names},
                   {"secret_sha256", session.secret_sha256},
                   {"offset", session.offset},
                   {"user_version", session.user_version},
                   {"provider_version", session.provider_version},
                   {"created", session.created.milliseconds()},
                   {"not_after", session.not_after.milliseconds()},
                   {"ends", session.ends.milliseconds()},
                   {"failures", session.failures}};
  if (session.ended) json["ended"] = session.ended->milliseconds();
  return json.dump();
}

Result<SessionRecord> decode_session(std::string_view value) {
  try {
    const SessionJson json = SessionJson::parse(value);
    const auto instant = [&](const char* name) { return Instant::from_milliseconds(json.at(name).get<std::int64_t>()); };
    const auto text = [&](const char* name) { return json.at(name).get<std::string>(); };
    const auto number = [&](const char* name) { return json.at(name).get<std::uint64_t>(); };
    return SessionRecord{.id = SessionId(text("id")),
                         .user = UserId(text("user")),
                         .name = text("name"),
                         .method = text("method"),
                         .role = text("role"),
                         .profiles = json.at("profiles").get<std::vector<std::string>>(),
                         .names = json.at("names").get<std::vector<std::string>>(),
                         .secret_sha256 = text("secret_sha256"),
                         .offset = number("offset"),
                         .user_version = number("user_version"),
                         .provider_version = number("provider_version"),
                         .created = instant("created"),
                         .not_after = instant("not_after"),
                         .ends = instant("ends"),
                         .failures = number("failures"),
                         .ended = json.contains("ended") ? std::optional(instant("ended")) : std::nullopt};
  } catch (const SessionJson::exception&) {
    return fail(ErrorCode::internal, "record-undecodable", "a session in the view is not one of ours; rebuild the view");
  }
}

std::string encode(const UserStanding& user) { return SessionJson{{"version", user.version}, {"enabled", user.enabled}}.dump(); }

Result<UserStanding> decode_user_standing(const std::optional<std::string>& value) {
  if (!value) return UserStanding{};
  try {
    const SessionJson json = SessionJson::parse(*value);
    return UserStanding{.version = json.at("version").get<std::uint64_t>(), .enabled = json.at("enabled").get<bool>()};
  } catch (const SessionJson::exception&) {
    return fail(ErrorCode::internal, "record-undecodable", "a user in the view is not one of ours; rebuild the view");
  }
}

}  // namespace quicklime::access
