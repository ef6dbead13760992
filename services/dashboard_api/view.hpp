#pragma once
// The inventory: every certificate, and the ordered keys that lists are read from.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.hpp"
#include "base/instant.hpp"
#include "base/position.hpp"
#include "base/serial_number.hpp"
#include "ca/status.hpp"
#include "events/event.hpp"
#include "views/index_key.hpp"
#include "views/view_store.hpp"

namespace quicklime::dashboard_api {

using views::group_of;
using views::group_prefix;
using views::index_key;
using views::number_text;
using views::subject_of;

struct Certificate {
  SerialNumber serial;
  Position issued;  // of its event
  Instant issued_at;
  events::Actor requester;  // of a renewal: the predecessor's, so that whoever asked for the first of a line sees all of it
  AuthorityId authority;
  std::string profile;
  std::vector<std::string> names;  // "DNS:api.internal"
  Instant not_before;
  Instant not_after;
  std::string key_sha256;  // hex
  std::optional<std::string> service{};
  std::optional<std::string> node{};
  std::optional<std::string> requested_for{};  // whom the requester asked for (events::Event::on_behalf_of); of a renewal as of it
  ca::Status status{};
  std::optional<SerialNumber> replaces{};
  std::optional<SerialNumber> replaced_by{};
  // Whoever asked for it was revoked before its offset: it was decided by a view that did not know yet. It stands all the same (ADR 3);
  // people should look at it.
  bool author_revoked = false;
};
std::string encode(const Certificate& certificate);
Result<Certificate> decode_certificate(std::string_view text);

// ---- spaces. The DER stands apart from the record: a list reads hundreds of records and no DER.
inline constexpr const char* kCertificate = "certificate";  // serial -> record
inline constexpr const char* kDer = "der";                  // serial -> DER
inline constexpr const char* kByOffset = "by_offset";       // whose, offset, serial
inline constexpr const char* kByExpiry = "by_expiry";       // whose, notAfter, serial
inline constexpr const char* kByName = "by_name";           // name (domains reversed), offset, serial
inline constexpr const char* kByService = "by_service";     // service, offset, serial
inline constexpr const char* kByStatus = "by_status";       // held or revoked, offset, serial
// What ended before this is forgotten here, and in the log alone: one point, seconds since 1970; absent: nothing is.
inline constexpr const char* kForgotten = "forgotten";
views::PointKey forgotten_key();
std::optional<Instant> forgotten_before(const std::optional<std::string>& value);
std::vector<views::Space> certificate_spaces();
views::PointKey certificate_key(const SerialNumber& serial);
views::PointKey der_key(const SerialNumber& serial);

// "Whose" of by_offset and by_expiry: everybody's, or those that one actor asked for (ca::requester_text). Each certificate stands in both,
// so that a requester's lists read, and their cursors show, nothing of anybody else's.
inline constexpr const char* kEverybody = "*";

// A name as by_name orders it: domains from the top ("DNS:api.internal" -> "dns internal.api"), so that a suffix is a
// prefix; every other kind as it is ("IP:10.0.0.7").
std::string name_group(std::string_view name);
std::string suffix_group(std::string_view domain);  // of everything below a domain: ".internal" -> "dns internal."

// Before 1970 everything is one moment: no certificate of this CA ends there.
std::uint64_t expiry_number(Instant not_after);

std::string_view status_group(ca::Status::Kind kind);  // "good" stands in no index: it is nearly everything

}  // namespace quicklime::dashboard_api
