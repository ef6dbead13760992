#include "dashboard_api/service_json.hpp"

#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "ca/subject.hpp"
#include "pki/pem.hpp"
#include "views/view.hpp"

namespace quicklime::dashboard_api {
namespace {

using Json = nlohmann::ordered_json;
using Kind = ca::Status::Kind;

// Names and labels come from requests: what is not UTF-8 is shown with U+FFFD, never a failure of the whole page.
std::string text(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

void add_meta(Json& json, const views::Meta& meta) {
  json["position"] = meta.anchor.position.text();
  if (const auto age = age_seconds(meta)) json["age_seconds"] = *age;
}

Json summary(const Certificate& certificate, Instant now) {
  Json json;
  json["serial"] = certificate.serial.hex();
  json["names"] = certificate.names;
  json["status"] = status_group(certificate.status.kind);
  json["expired"] = certificate.not_after < now;
  if (certificate.status.kind != Kind::good) json["reason"] = pki::name(certificate.status.reason);
  if (certificate.status.since) json["revoked_at"] = certificate.status.since->rfc3339_seconds();
  if (certificate.replaced_by) json["replaced_by"] = certificate.replaced_by->hex();
  json["profile"] = certificate.profile;
  json["authority"] = certificate.authority.text();
  if (certificate.service) json["service"] = *certificate.service;
  if (certificate.node) json["node"] = *certificate.node;
  json["requester"] = ca::requester_text(certificate.requester);
  if (certificate.requested_for) json["requested_for"] = *certificate.requested_for;
  if (certificate.author_revoked) json["author_revoked"] = true;
  json["key"] = certificate.key;
  const Instant due = renewal_due(certificate);
  json["renewal_due"] = due.rfc3339_seconds();
  if (needs_successor(certificate) && due <= now && certificate.not_after >= now) json["overdue"] = true;
  json["not_before"] = certificate.not_before.rfc3339_seconds();
  json["not_after"] = certificate.not_after.rfc3339_seconds();
  json["issued_at"] = certificate.issued_at.rfc3339();
  return json;
}

Json history(const Certificate& certificate) {
  Json entries = Json::array();
  entries.push_back({{"what", "issued"}, {"position", certificate.issued.text()}, {"time", certificate.issued_at.rfc3339()}});
  for (const Change& change : certificate.history) {
    Json entry{{"what", name(change.what)}, {"position", change.position.text()}, {"time", change.time.rfc3339()}};
    if (change.what == Change::What::revoked) entry["reason"] = pki::name(change.reason);
    if (change.successor) entry["successor"] = change.successor->hex();
    entries.push_back(std::move(entry));
  }
  return entries;
}

Json json_of(const ca::Authority& authority) {
  const auto& certificate = authority.certificate;
  const auto key = certificate.public_key();
  Json json;
  json["id"] = authority.id.text();
  if (authority.parent) json["parent"] = authority.parent->text();
  json["subject"] = certificate.subject().text();
  json["certificate"] = pki::pem_encode("CERTIFICATE", certificate.der());
  json["serial"] = certificate.serial().hex();
  json["sha256"] = hex_encode(crypto::view(certificate.fingerprint()));
  json["key"] = key ? crypto::name(key->kind()) : "of another kind";
  if (const auto room = certificate.path_length()) json["path_length"] = *room;
  if (const auto& constraints = certificate.name_constraints()) json["name_constraints"] = constraints->text();
  if (authority.succeeds) json["succeeds"] = authority.succeeds->text();
  json["retired"] = authority.retired;
  if (authority.status.since) {
    json["reason"] = pki::name(authority.status.reason);
    json["revoked_at"] = authority.status.since->rfc3339_seconds();
  }
  json["not_before"] = certificate.not_before().rfc3339_seconds();
  json["not_after"] = certificate.not_after().rfc3339_seconds();
  return json;
}

}  // namespace

std::optional<double> age_seconds(const views::Meta& meta) {
  const auto age = views::age(meta);
  return age ? std::optional(static_cast<double>(age->count()) / 1000.0) : std::nullopt;
}

std::string page_json(const Page& page, const std::optional<Moment>& as_of, Instant now) {
  if (as_of) now = as_of->time;
  Json json;
  json["certificates"] = Json::array();
  for (const auto& certificate : page.certificates) {
    Json shown = summary(certificate, now);
    if (as_of && certificate.history_cut) shown["status_unknown"] = true;
    json["certificates"].push_back(std::move(shown));
  }
  if (page.next) json["next"] = *page.next;
  json["examined"] = page.examined;
  json["partial"] = page.partial;
  if (as_of) json["as_of"] = as_of->text;
  if (page.forgotten_before) json["forgotten_before"] = page.forgotten_before->rfc3339_seconds();
  add_meta(json, page.meta);
  return text(json);
}

std::string certificate_line(const Certificate& certificate, Instant now) { return text(summary(certificate, now)) + "\n"; }

std::string detail_json(const Detail& detail, const views::Meta& meta, Instant now) {
  const Certificate& certificate = detail.certificate;
  Json json = summary(certificate, detail.as_of ? detail.as_of->time : now);
  if (detail.as_of) json["as_of"] = detail.as_of->text;
  if (certificate.history_cut) json[detail.as_of ? "status_unknown" : "history_cut"] = true;
  json["history"] = history(certificate);
  json["profile_sha256"] = certificate.profile_sha256;
  json["certificate"] = pki::pem_encode("CERTIFICATE", detail.der);
  json["chain"] = ca::pem(detail.chain);
  json["sha256"] = hex_encode(crypto::view(crypto::sha256(detail.der)));
  json["key_sha256"] = certificate.key_sha256;
  if (certificate.replaces) json["replaces"] = certificate.replaces->hex();
  json["issued_position"] = certificate.issued.text();
  add_meta(json, meta);
  return text(json);
}

std::string authorities_json(const std::vector<ca::Authority>& authorities, const std::vector<AuthorityCounts>& counts,
                             const views::Meta& meta) {
  Json json;
  json["authorities"] = Json::array();
  for (std::size_t i = 0; i < authorities.size(); ++i) {
    Json authority = json_of(authorities[i]);
    if (!counts.empty()) {
      authority["certificates"] = counts[i].certificates;
      authority["live"] = counts[i].live;
    }
    json["authorities"].push_back(std::move(authority));
  }
  add_meta(json, meta);
  return text(json);
}

std::string version_json(const std::string& version) { return text(Json{{"version", version}}); }

}  // namespace quicklime::dashboard_api
