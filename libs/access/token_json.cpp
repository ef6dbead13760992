#include <nlohmann/json.hpp>

#include "access/token.hpp"

// Tokens as the view keeps them.
namespace quicklime::access {

using Json = nlohmann::json;

std::string encode(const TokenRecord& token) {
  Json json{{"id", token.id.text()},
            {"name", token.name},
            {"secret_sha256", token.secret_sha256},
            {"role", token.role},
            {"profiles", token.profiles},
            {"names", token.names},
            {"created", token.created.milliseconds()},
            {"not_after", token.not_after.milliseconds()}};
  if (token.revoked) json["revoked"] = token.revoked->milliseconds();
  if (token.single_use) json["single_use"] = true;
  if (token.owner) json["owner"] = token.owner->text();
  if (token.owner_version) json["owner_version"] = *token.owner_version;
  return json.dump();
}

Result<TokenRecord> decode_token(std::string_view value) {
  try {
    const Json json = Json::parse(value);
    const auto instant = [&](const char* name) { return Instant::from_milliseconds(json.at(name).get<std::int64_t>()); };
    return TokenRecord{
        .id = TokenId(json.at("id").get<std::string>()),
        .name = json.at("name").get<std::string>(),
        .secret_sha256 = json.at("secret_sha256").get<std::string>(),
        .role = json.at("role").get<std::string>(),
        .profiles = json.at("profiles").get<std::vector<std::string>>(),
        .names = json.at("names").get<std::vector<std::string>>(),
        .created = instant("created"),
        .not_after = instant("not_after"),
        .revoked = json.contains("revoked") ? std::optional(instant("revoked")) : std::nullopt,
        .single_use = json.value("single_use", false),
        .owner = json.contains("owner") ? std::optional(UserId(json.at("owner").get<std::string>())) : std::nullopt,
        .owner_version = json.contains("owner_version") ? std::optional(json.at("owner_version").get<std::uint64_t>()) : std::nullopt};
  } catch (const Json::exception&) {
    return fail(ErrorCode::internal, "record-undecodable", "a token in the view is not one of ours; rebuild the view");
  }
}

}  // namespace quicklime::access
