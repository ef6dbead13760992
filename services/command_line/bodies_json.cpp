#include <nlohmann/json.hpp>

#include "command_line/answer_json.hpp"
#include "command_line/bodies.hpp"

namespace quicklime::command_line {
namespace {

using Json = nlohmann::ordered_json;

template <class Decode>
auto parsed(const std::string& body, const char* expected, Decode decode) {
  return read_answer<Json>(body, expected, decode);
}

StatusAnswer status_answer(const Json& json) {
  return {json.at("serial").get<std::string>(), json.at("status").get<std::string>(), text(json, "reason"), text(json, "revoked_at")};
}

CertificateSummary summary(const Json& json) {
  return {.serial = json.at("serial").get<std::string>(),
          .names = texts(json, "names"),
          .status = json.at("status").get<std::string>(),
          .expired = json.at("expired").get<bool>(),
          .reason = text(json, "reason"),
          .revoked_at = text(json, "revoked_at"),
          .profile = text(json, "profile"),
          .authority = text(json, "authority"),
          .service = text(json, "service"),
          .node = text(json, "node"),
          .requester = text(json, "requester"),
          .requested_for = text(json, "requested_for"),
          .not_before = text(json, "not_before"),
          .not_after = text(json, "not_after"),
          .issued_at = text(json, "issued_at"),
          .replaced_by = text(json, "replaced_by")};
}

TokenSummary token_summary(const Json& json) {
  return {.id = json.at("id").get<std::string>(),
          .name = text(json, "name"),
          .role = text(json, "role"),
          .profiles = texts(json, "profiles"),
          .names = texts(json, "names"),
          .not_after = text(json, "not_after"),
          .status = text(json, "status"),
          .token = text(json, "token"),
          .one_time_url = text(json, "one_time_url")};
}

void put_if_given(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

}  // namespace

std::string encode(const IssueBody& body) {
  Json json{{"csr", body.csr}, {"profile", body.profile}};
  put_if_given(json, "lifetime", body.lifetime);
  put_if_given(json, "service", body.service);
  put_if_given(json, "node", body.node);
  put_if_given(json, "authority", body.authority);
  return json.dump();
}

Result<IssuedAnswer> decode_issued(const std::string& body) {
  const auto not_after = parsed(body, "an issued certificate", [](const Json& json) { return json.at("not_after").get<std::string>(); });
  if (!not_after) return forward(not_after);
  const auto until = Instant::parse(*not_after);
  if (!until) return not_understood("an issued certificate");
  return parsed(body, "an issued certificate", [&](const Json& json) {
    return IssuedAnswer{json.at("serial").get<std::string>(),
                        json.at("certificate").get<std::string>(),
                        json.at("chain").get<std::string>(),
                        texts(json, "names"),
                        text(json, "profile"),
                        *until,
                        text(json, "revocation_secret")};
  });
}

std::string encode(const RenewBody& body) { return Json{{"csr", body.csr}, {"signature", body.signature}}.dump(); }

Result<std::string> decode_renewal_challenge(const std::string& body) {
  return parsed(body, "a certificate", [](const Json& json) { return json.at("renewal_challenge").get<std::string>(); });
}

std::string encode(const RevokeBody& body) {
  Json json = Json::object();
  put_if_given(json, "reason", body.reason);
  put_if_given(json, "secret", body.secret);
  put_if_given(json, "signature", body.signature);
  if (body.same_key) json["same_key"] = true;
  if (body.with_successors) json["with_successors"] = true;
  if (!body.serials.empty()) json["serials"] = body.serials;
  return json.dump();
}

Result<RevocationAnswer> decode_revocation(const std::string& body) {
  return parsed(body, "a revocation", [](const Json& json) {
    const bool many = json.contains("revocations");
    RevocationAnswer answer{.revoked = {status_answer(many ? json["revocations"].at(0) : json)},
                            .same_key = texts(json, "same_key"),
                            .successors = texts(json, "successors"),
                            .more = json.value("more", false)};
    const Json others = many ? json["revocations"] : json.value("also", Json::array());
    for (std::size_t i = many ? 1 : 0; i < others.size(); ++i) answer.revoked.push_back(status_answer(others.at(i)));
    return answer;
  });
}

Result<CertificatePage> decode_certificates(const std::string& body) {
  return parsed(body, "a list of certificates", [](const Json& json) {
    CertificatePage page;
    for (const auto& one : json.at("certificates")) page.certificates.push_back(summary(one));
    page.next = text(json, "next");
    page.position = text(json, "position");
    page.age_seconds = json.value("age_seconds", 0.0);
    return page;
  });
}

namespace {

EventLine event_line(const Json& json) {
  const Json& actor = json.at("actor");
  EventLine line{.position = text(json, "position"),
                 .time = text(json, "time"),
                 .type = text(json, "type"),
                 .actor = text(actor, "kind") + ":" + text(actor, "id"),
                 .subject = text(json, "subject"),
                 .details = {},
                 .json = json.dump(-1, ' ', false, Json::error_handler_t::replace)};
  if (const auto whom = text(json, "on_behalf_of"); !whom.empty()) line.details.push_back("on_behalf_of=" + whom);
  const Json& data = json.at("data");
  for (const char* name :
       {"names", "profile", "replaces", "name", "role", "reason", "route", "detail", "scope", "number", "ended_before"}) {
    std::string value = text(data, name);
    for (const auto& one : texts(data, name)) value += (value.empty() ? "" : ",") + one;
    if (!value.empty()) line.details.push_back(std::string(name) + "=" + printable(value));
  }
  return line;
}

}  // namespace

Result<EventLine> decode_event(const std::string& json) { return parsed(json, "an event", event_line); }

Result<EventPage> decode_events(const std::string& body) {
  return parsed(body, "a list of events", [](const Json& json) {
    EventPage page;
    for (const auto& one : json.at("events")) page.events.push_back(event_line(one));
    page.next = text(json, "next");
    page.position = text(json, "position");
    return page;
  });
}

Result<CertificateDetail> decode_certificate(const std::string& body) {
  return parsed(body, "a certificate", [](const Json& json) {
    return CertificateDetail{.summary = summary(json),
                             .certificate = json.at("certificate").get<std::string>(),
                             .chain = text(json, "chain"),
                             .sha256 = text(json, "sha256"),
                             .key_sha256 = text(json, "key_sha256"),
                             .replaces = text(json, "replaces"),
                             .position = text(json, "position")};
  });
}

Result<std::vector<AuthoritySummary>> decode_authority_list(const std::string& body) {
  return parsed(body, "a list of authorities", [](const Json& json) {
    std::vector<AuthoritySummary> all;
    for (const auto& one : json.at("authorities")) {
      all.push_back({one.at("id").get<std::string>(), text(one, "parent"), text(one, "subject"), one.at("certificate").get<std::string>(),
                     text(one, "not_after"), text(one, "revoked_at"), text(one, "reason"), one.value("retired", false),
                     text(one, "succeeds"), text(one, "not_before"), text(one, "sha256"), text(one, "key"), text(one, "name_constraints"),
                     one.value("key_is_here", false)});
    }
    return all;
  });
}

std::string encode(const MadeAuthority& made) {
  Json json{{"authority", made.authority}};
  put_if_given(json, "parent", made.parent);
  put_if_given(json, "certificate", made.certificate);
  json["key_file"] = made.key_file;
  return json.dump();
}

std::string encode(const CompromisedAuthority& compromised) {
  Json json{{"authority", compromised.authority}};
  put_if_given(json, "successor", compromised.successor);
  put_if_given(json, "revoked_at", compromised.revoked_at);
  json["crl_published"] = compromised.crl_published;
  json["leaves"] = compromised.leaves;
  json["revoked"] = compromised.revoked;
  return json.dump();
}

std::string one_authority(const std::string& list, const std::string& id) {
  const Json json = Json::parse(list, nullptr, false);
  for (const auto& one : json.at("authorities")) {
    if (text(one, "id") == id) return one.dump();
  }
  return "{}";
}

std::string encode(const AuthorityBody& body) {
  Json json{{"authority", body.id}, {"certificate", body.certificate}};
  put_if_given(json, "parent", body.parent);
  put_if_given(json, "succeeds", body.succeeds);
  return json.dump();
}

std::string encode(const TokenBody& body) {
  Json json{{"name", body.name}};
  put_if_given(json, "role", body.role);
  if (!body.profiles.empty()) json["profiles"] = body.profiles;
  if (!body.names.empty()) json["names"] = body.names;
  put_if_given(json, "lifetime", body.lifetime);
  return json.dump();
}

Result<TokenSummary> decode_token_answer(const std::string& body) {
  return parsed(body, "a token", [](const Json& json) { return token_summary(json); });
}

Result<RevokedAuthority> decode_revoked_authority(const std::string& body) {
  return parsed(body, "the revocation of an authority", [](const Json& json) {
    return RevokedAuthority{json.at("authority").get<std::string>(), json.at("serial").get<std::string>(),
                            json.at("reason").get<std::string>(),    text(json, "revoked_at"),
                            json.at("crl_of").get<std::string>(),    json.at("already").get<bool>(),
                            json.at("published").get<bool>()};
  });
}

Result<PublishedCrl> decode_published_crl(const std::string& body) {
  return parsed(body, "a published CRL", [](const Json& json) {
    return PublishedCrl{json.at("authority").get<std::string>(), json.at("number").get<std::string>(),
                        json.at("next_update").get<std::string>(), json.at("complete").get<bool>()};
  });
}

Result<std::vector<TokenSummary>> decode_tokens(const std::string& body) {
  return parsed(body, "a list of tokens", [](const Json& json) {
    std::vector<TokenSummary> all;
    for (const auto& one : json.at("tokens")) all.push_back(token_summary(one));
    return all;
  });
}

std::string with_member(const std::string& body, const std::string& name, const std::string& value) {
  Json json = Json::parse(body);
  json[name] = value;
  return json.dump(2);
}

std::string merge_pages(const std::vector<std::string>& bodies, const std::string& member) {
  if (bodies.empty()) return Json{{member, Json::array()}}.dump(2);
  Json merged = Json::object();
  for (const auto& body : bodies) {
    Json page = Json::parse(body);
    if (merged.empty()) {
      merged = std::move(page);
    } else {
      for (auto& one : page[member]) merged[member].push_back(std::move(one));
      if (page.contains("next")) {
        merged["next"] = page["next"];
      } else {
        merged.erase("next");
      }
    }
  }
  return merged.dump(2);
}

std::string encode(const Made& made) {
  return Json{
      {"data", made.data}, {"root", made.root}, {"issuing", made.issuing}, {"root_sha256", made.root_sha256}, {"root_key", made.root_key}}
      .dump(2);
}

std::string encode(const Renewed& renewed) {
  Json json{{"serial", renewed.serial}};
  put_if_given(json, "replaces", renewed.replaces);
  json["not_after"] = renewed.not_after;
  put_if_given(json, "revocation_secret", renewed.revocation_secret);
  json["certificate_file"] = renewed.certificate_file;
  json["key_file"] = renewed.key_file;
  return json.dump(2);
}

std::string encode(const std::vector<BootstrapToken>& tokens) {
  Json list = Json::array();
  for (const auto& token : tokens) {
    Json json{{"role", token.role}, {"file", token.file}, {"id", token.id}, {"not_after", token.not_after}};
    if (!token.revoked.empty()) json["revoked"] = token.revoked;
    list.push_back(std::move(json));
  }
  return Json{{"tokens", std::move(list)}}.dump(2);
}

std::string encode(const std::vector<ViewDump>& dumps) {
  Json list = Json::array();
  for (const auto& dump : dumps) list.push_back({{"view", dump.view}, {"version", dump.version}, {"dump", dump.dump}});
  return Json{{"views", std::move(list)}}.dump(2);
}

std::string encode(const RotatedRevocationKey& rotated) {
  Json json{{"revocation_key", rotated.id}, {"file", rotated.file}};
  put_if_given(json, "previous", rotated.previous);
  put_if_given(json, "previous_file", rotated.previous_file);
  return json.dump(2);
}

Result<std::string> decode_version(const std::string& body) {
  return parsed(body, "a version", [](const Json& json) { return json.at("version").get<std::string>(); });
}

std::string encode_version(const std::string& version) { return Json{{"version", version}}.dump(2); }

std::string encode_verified(const std::string& serial, const std::string& not_after) {
  return Json{{"status", "good"}, {"serial", serial}, {"not_after", not_after}}.dump(2);
}

}  // namespace quicklime::command_line
