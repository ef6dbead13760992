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
  if (const auto age = views::age(meta)) json["age_seconds"] = static_cast<double>(age->count()) / 1000.0;
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
  json["not_before"] = certificate.not_before.rfc3339_seconds();
  json["not_after"] = certificate.not_after.rfc3339_seconds();
  json["issued_at"] = certificate.issued_at.rfc3339();
  return json;
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

std::string page_json(const Page& page, Instant now) {
  Json json;
  json["certificates"] = Json::array();
  for (const auto& certificate : page.certificates) json["certificates"].push_back(summary(certificate, now));
  if (page.next) json["next"] = *page.next;
  if (page.forgotten_before) json["forgotten_before"] = page.forgotten_before->rfc3339_seconds();
  add_meta(json, page.meta);
  return text(json);
}

std::string certificate_line(const Certificate& certificate, Instant now) { return text(summary(certificate, now)) + "\n"; }

std::string detail_json(const Detail& detail, const views::Meta& meta, Instant now) {
  const Certificate& certificate = detail.certificate;
  Json json = summary(certificate, now);
  json["certificate"] = pki::pem_encode("CERTIFICATE", detail.der);
  json["chain"] = ca::pem(detail.chain);
  json["sha256"] = hex_encode(crypto::view(crypto::sha256(detail.der)));
  json["key_sha256"] = certificate.key_sha256;
  if (certificate.replaces) json["replaces"] = certificate.replaces->hex();
  json["issued_position"] = certificate.issued.text();
  add_meta(json, meta);
  return text(json);
}

std::string authorities_json(const std::vector<ca::Authority>& authorities, const views::Meta& meta) {
  Json json;
  json["authorities"] = Json::array();
  for (const auto& authority : authorities) json["authorities"].push_back(json_of(authority));
  add_meta(json, meta);
  return text(json);
}

std::string version_json(const std::string& version) { return text(Json{{"version", version}}); }

}  // namespace quicklime::dashboard_api
