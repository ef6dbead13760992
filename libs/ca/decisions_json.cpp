#include <nlohmann/json.hpp>

#include "ca/decisions.hpp"

// Records and claims as the view keeps them.
namespace quicklime::ca {
namespace {

using Json = nlohmann::json;

Json to_json(const Claim& claim) {
  Json json{{"first", claim.first.text()},
            {"offset", claim.offset},
            {"serial", claim.serial},
            {"body", claim.body},
            {"not_after", claim.not_after.milliseconds()}};
  if (!claim.status.empty()) json["status"] = claim.status;
  return json;
}

Claim claim_from(const Json& json) {
  return {EventId(json.at("first").get<std::string>()),
          json.at("offset").get<std::uint64_t>(),
          json.at("serial").get<std::string>(),
          json.at("body").get<std::string>(),
          Instant::from_milliseconds(json.at("not_after").get<std::int64_t>()),
          json.value("status", std::string())};
}

Failure undecodable(const char* what) {
  return fail(ErrorCode::internal, "record-undecodable", std::string(what) + " in the view is not one of ours; rebuild the view");
}

}  // namespace

std::string encode(const CertificateRecord& record) {
  Json json{{"offset", record.offset},
            {"authority", record.authority.text()},
            {"key_sha256", record.key_sha256},
            {"not_before", record.not_before.milliseconds()},
            {"not_after", record.not_after.milliseconds()},
            {"status", encode(record.status)},
            {"requester", record.requester},
            {"renewal_challenge", record.renewal_challenge},
            {"standing", record.standing}};
  if (record.replaces) json["replaces"] = *record.replaces;
  if (record.replaced_by) json["replaced_by"] = *record.replaced_by;
  if (!record.commands.empty()) json["commands"] = record.commands;
  if (record.lost_to) json["lost_to"] = to_json(*record.lost_to);
  return json.dump();
}

Result<CertificateRecord> decode_certificate_record(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    const auto optional = [&](const char* name) {
      return json.contains(name) ? std::optional(json.at(name).get<std::string>()) : std::nullopt;
    };
    const auto status = decode_status(json.at("status").get<std::string>());
    if (!status) return forward(status);
    return CertificateRecord{
        .offset = json.at("offset").get<std::uint64_t>(),
        .authority = AuthorityId(json.at("authority").get<std::string>()),
        .key_sha256 = json.at("key_sha256").get<std::string>(),
        .not_before = Instant::from_milliseconds(json.at("not_before").get<std::int64_t>()),
        .not_after = Instant::from_milliseconds(json.at("not_after").get<std::int64_t>()),
        .status = *status,
        .requester = json.at("requester").get<std::string>(),
        .renewal_challenge = json.at("renewal_challenge").get<std::string>(),
        .replaces = optional("replaces"),
        .replaced_by = optional("replaced_by"),
        .standing = json.at("standing").get<std::string>(),
        .lost_to = json.contains("lost_to") ? std::optional(claim_from(json.at("lost_to"))) : std::nullopt,
        .commands = json.value("commands", std::vector<std::string>()),
    };
  } catch (const Json::exception&) {
    return undecodable("a certificate");
  }
}

std::string encode(const Claim& claim) { return to_json(claim).dump(); }

Result<std::optional<Claim>> decode_claim(const std::optional<std::string>& value) {
  if (!value) return std::nullopt;
  try {
    return claim_from(Json::parse(*value));
  } catch (const Json::exception&) {
    return undecodable("a claim");
  }
}

}  // namespace quicklime::ca
