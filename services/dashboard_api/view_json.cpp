#include <nlohmann/json.hpp>

#include "dashboard_api/view.hpp"

namespace quicklime::dashboard_api {
namespace {

using Stored = nlohmann::json;  // sorted: equal facts have equal bytes

std::optional<std::string> optional_text(const Stored& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() ? std::nullopt : std::optional(found->get<std::string>());
}

std::optional<SerialNumber> optional_serial(const Stored& json, const char* name) {
  const auto text = optional_text(json, name);
  if (!text) return std::nullopt;
  auto serial = SerialNumber::from_hex(*text);
  return serial ? std::optional(*serial) : std::nullopt;
}

Instant instant(const Stored& json, const char* name) { return Instant::from_milliseconds(json.at(name).get<std::int64_t>()); }

// [what, epoch, offset, time, reason or successor]
Stored stored(const Change& change) {
  Stored json{name(change.what), change.position.epoch, change.position.offset, change.time.milliseconds()};
  if (change.what == Change::What::revoked) json.push_back(pki::name(change.reason));
  if (change.successor) json.push_back(change.successor->hex());
  return json;
}

std::optional<Change> change(const Stored& json) {
  using What = Change::What;
  for (const What what : {What::held, What::released, What::revoked, What::renewed}) {
    if (json.at(0).get<std::string>() != name(what)) continue;
    Change change{.what = what,
                  .position = {json.at(1).get<std::uint64_t>(), json.at(2).get<std::uint64_t>()},
                  .time = Instant::from_milliseconds(json.at(3).get<std::int64_t>())};
    if (what == What::revoked) {
      const auto reason = pki::parse_revocation_reason(json.at(4).get<std::string>());
      if (!reason) return std::nullopt;
      change.reason = *reason;
    }
    if (what == What::renewed) {
      const auto successor = SerialNumber::from_hex(json.at(4).get<std::string>());
      if (!successor) return std::nullopt;
      change.successor = *successor;
    }
    return change;
  }
  return std::nullopt;
}

}  // namespace

std::string encode(const Certificate& certificate) {
  Stored json{{"serial", certificate.serial.hex()},
              {"epoch", certificate.issued.epoch},
              {"offset", certificate.issued.offset},
              {"issued_at", certificate.issued_at.milliseconds()},
              {"requester", {name(certificate.requester.kind), certificate.requester.id}},
              {"authority", certificate.authority.text()},
              {"profile", certificate.profile},
              {"profile_sha256", certificate.profile_sha256},
              {"key_kind", certificate.key},
              {"names", certificate.names},
              {"not_before", certificate.not_before.milliseconds()},
              {"not_after", certificate.not_after.milliseconds()},
              {"key", certificate.key_sha256},
              {"status", ca::encode(certificate.status)}};
  if (certificate.service) json["service"] = *certificate.service;
  if (certificate.node) json["node"] = *certificate.node;
  if (certificate.requested_for) json["requested_for"] = *certificate.requested_for;
  if (certificate.replaces) json["replaces"] = certificate.replaces->hex();
  if (certificate.replaced_by) json["replaced_by"] = certificate.replaced_by->hex();
  if (certificate.author_revoked) json["author_revoked"] = true;
  for (const auto& change : certificate.history) json["history"].push_back(stored(change));
  if (certificate.history_cut) json["history_cut"] = true;
  return json.dump(-1, ' ', false, Stored::error_handler_t::replace);
}

Result<Certificate> decode_certificate(std::string_view text) {
  const auto malformed = [](const char* what) {
    return fail(ErrorCode::internal, "record-undecodable",
                std::string("a certificate in the view dashboard_api is not one of ours: ") + what);
  };
  try {
    const Stored json = Stored::parse(text);
    auto serial = SerialNumber::from_hex(json.at("serial").get<std::string>());
    if (!serial) return malformed("serial");
    const auto requester = events::parse_actor_kind(json.at("requester").at(0).get<std::string>());
    if (!requester) return malformed("requester");
    auto status = ca::decode_status(json.at("status").get<std::string>());
    if (!status) return malformed("status");
    std::vector<Change> history;
    if (const auto changes = json.find("history"); changes != json.end()) {
      for (const auto& one : *changes) {
        auto read = change(one);
        if (!read) return malformed("history");
        history.push_back(*read);
      }
    }
    return Certificate{.serial = *serial,
                       .issued = {json.at("epoch").get<std::uint64_t>(), json.at("offset").get<std::uint64_t>()},
                       .issued_at = instant(json, "issued_at"),
                       .requester = {*requester, json.at("requester").at(1).get<std::string>()},
                       .authority = AuthorityId(json.at("authority").get<std::string>()),
                       .profile = json.at("profile").get<std::string>(),
                       .profile_sha256 = json.at("profile_sha256").get<std::string>(),
                       .names = json.at("names").get<std::vector<std::string>>(),
                       .not_before = instant(json, "not_before"),
                       .not_after = instant(json, "not_after"),
                       .key_sha256 = json.at("key").get<std::string>(),
                       .key = json.at("key_kind").get<std::string>(),
                       .service = optional_text(json, "service"),
                       .node = optional_text(json, "node"),
                       .requested_for = optional_text(json, "requested_for"),
                       .status = *status,
                       .replaces = optional_serial(json, "replaces"),
                       .replaced_by = optional_serial(json, "replaced_by"),
                       .author_revoked = json.value("author_revoked", false),
                       .history = std::move(history),
                       .history_cut = json.value("history_cut", false)};
  } catch (const Stored::exception&) {
    return malformed("no such JSON object; rebuild the view");
  }
}

}  // namespace quicklime::dashboard_api
