#include "crl/view.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/encoding.hpp"

namespace quicklime::crl {
namespace {

Failure undecodable() { return fail(ErrorCode::internal, "view-undecodable", "a record in the view crl is not one of ours"); }

// The fields of a record; the last one may hold the separator.
std::vector<std::string_view> split(std::string_view text, char separator, std::size_t count) {
  std::vector<std::string_view> fields;
  while (fields.size() + 1 < count) {
    const auto end = text.find(separator);
    if (end == std::string_view::npos) return {};
    fields.push_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  fields.push_back(text);
  return fields;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<Instant> seconds(std::string_view text) {
  const auto value = number(text);
  if (!value) return std::nullopt;
  return Instant::from_seconds(*value);
}

// "-": none. nullopt: neither.
std::optional<std::optional<Position>> optional_position(std::string_view text) {
  if (text == "-") return std::optional<Position>();
  const auto position = Position::parse(text);
  if (!position) return std::nullopt;
  return std::optional(*position);
}

std::string text(Instant instant) { return std::to_string(instant.seconds()); }

}  // namespace

std::string certificate_key(const AuthorityId& authority, const SerialNumber& serial) { return authority.text() + '/' + serial.hex(); }

// "<not after> <since> <expired or -> <here or left> <keys of ended entries or -> <status>"
std::string encode(const Certificate& certificate) {
  std::string ended;
  for (const auto& key : certificate.ended) ended += (ended.empty() ? "" : ",") + key;
  return text(certificate.not_after) + ' ' + certificate.since.text() + ' ' + (certificate.expired ? certificate.expired->text() : "-") +
         ' ' + (certificate.left ? "left" : "here") + ' ' + (ended.empty() ? "-" : ended) + ' ' + ca::encode(certificate.status);
}

Result<Certificate> decode_certificate(std::string_view text) {
  const auto fields = split(text, ' ', 6);
  if (fields.empty()) return undecodable();
  const auto not_after = seconds(fields[0]);
  const auto since = Position::parse(fields[1]);
  const auto expired = optional_position(fields[2]);
  const auto status = ca::decode_status(fields[5]);
  if (!not_after || !since || !expired || !status) return undecodable();
  Certificate certificate{*not_after, *status, *since, *expired, fields[3] == "left", {}};
  for (std::string_view ended = fields[4] == "-" ? "" : fields[4]; !ended.empty();) {
    const auto end = std::min(ended.find(','), ended.size());
    certificate.ended.emplace_back(ended.substr(0, end));
    ended.remove_prefix(std::min(end + 1, ended.size()));
  }
  return certificate;
}

// "<authority>/<serial hex>/<from>/<until or ->/<not after>/<revocation date>/<reason>". The slash is smaller than every
// hex digit, so that a serial comes before the longer ones that begin with it, as octets do.
std::string Entry::key(const AuthorityId& authority) const {
  std::string key = certificate_key(authority, serial);
  key += '/' + from.text() + '/' + (until ? until->text() : "-");
  key += '/' + text(not_after) + '/' + text(revocation_date) + '/' + std::to_string(static_cast<unsigned>(reason));
  return key;
}

Result<Entry> Entry::parse(std::string_view key) {
  const auto fields = split(key, '/', 7);
  if (fields.empty()) return undecodable();
  const auto serial = SerialNumber::from_hex(fields[1]);
  const auto from = Position::parse(fields[2]);
  const auto not_after = seconds(fields[4]);
  const auto revocation_date = seconds(fields[5]);
  const auto reason = number(fields[6]);
  if (!serial || !from || !not_after || !revocation_date || !reason || *reason < 0 || *reason > 10) return undecodable();
  Entry entry{*serial, *from, std::nullopt, *not_after, *revocation_date, static_cast<pki::RevocationReason>(*reason)};
  const auto until = optional_position(fields[3]);
  if (!until) return undecodable();
  entry.until = *until;
  return entry;
}

bool Entry::stands_in(const Publication& crl) const {
  if (from > crl.number || (until && *until <= crl.number)) return false;
  const auto& previous = crl.previous;
  return crl.rules > 1 || !previous || from > previous->number || not_after >= previous->this_update;
}

Instant Entry::date_in(const Publication& crl) const { return crl.signed_at ? std::min(revocation_date, *crl.signed_at) : revocation_date; }

// "<number> <this update> <next update> <previous number or -> <previous this update or -> <rules> <signed at or -> <sha256> <before>
// <after>"
std::string encode(const Publication& publication) {
  const auto& previous = publication.previous;
  return publication.number.text() + ' ' + text(publication.this_update) + ' ' + text(publication.next_update) + ' ' +
         (previous ? previous->number.text() + ' ' + text(previous->this_update) : "- -") + ' ' + std::to_string(publication.rules) + ' ' +
         (publication.signed_at ? text(*publication.signed_at) : "-") + ' ' + publication.entries_sha256 + ' ' +
         base64_encode(publication.before) + ' ' + base64_encode(publication.after);
}

Result<Publication> decode_publication(std::string_view text) {
  const auto fields = split(text, ' ', 10);
  if (fields.empty()) return undecodable();
  const auto number = Position::parse(fields[0]);
  const auto this_update = seconds(fields[1]);
  const auto next_update = seconds(fields[2]);
  const auto rules = crl::number(fields[5]);
  const auto signed_at = fields[6] == "-" ? std::optional<Instant>() : seconds(fields[6]);
  auto before = base64_decode(fields[8]);
  auto after = base64_decode(fields[9]);
  if (!number || !this_update || !next_update || !rules || !before || !after) return undecodable();
  std::optional<Complete> previous;
  if (fields[3] != "-") {
    const auto previous_number = Position::parse(fields[3]);
    const auto previous_this_update = seconds(fields[4]);
    if (!previous_number || !previous_this_update) return undecodable();
    previous = Complete{*previous_number, *previous_this_update};
  }
  return Publication{*number,
                     previous,
                     *this_update,
                     *next_update,
                     std::string(fields[7]),
                     std::move(*before),
                     std::move(*after),
                     static_cast<unsigned>(*rules),
                     signed_at};
}

}  // namespace quicklime::crl
