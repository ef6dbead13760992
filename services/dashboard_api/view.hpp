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

// What happened to a certificate after it was issued, in the order of the log.
struct Change {
  enum class What : std::uint8_t { held, released, revoked, renewed } what;
  Position position;
  Instant time;                                                       // of the event
  pki::RevocationReason reason = pki::RevocationReason::unspecified;  // of revoked
  std::optional<SerialNumber> successor{};                            // of renewed
};
std::string_view name(Change::What what);

struct Certificate {
  SerialNumber serial;
  Position issued;  // of its event
  Instant issued_at;
  events::Actor requester;  // of a renewal: the predecessor's, so that whoever asked for the first of a line sees all of it
  AuthorityId authority;
  std::string profile;
  std::string profile_sha256{};    // hex
  std::vector<std::string> names;  // "DNS:api.internal"
  Instant not_before;
  Instant not_after;
  std::string key_sha256;     // hex
  std::string key = "other";  // its kind: "P-256"; "other" where this program knows none such
  std::optional<std::string> service{};
  std::optional<std::string> node{};
  std::optional<std::string> requested_for{};  // whom the requester asked for (events::Event::on_behalf_of); of a renewal as of it
  ca::Status status{};
  std::optional<SerialNumber> replaces{};
  std::optional<SerialNumber> replaced_by{};
  // Whoever asked for it was revoked before its offset: it was decided by a view that did not know yet. It stands all the same (ADR 3);
  // people should look at it.
  bool author_revoked = false;
  // The newest kHistory of them; history_cut: there were older ones, which are in the log alone.
  std::vector<Change> history{};
  bool history_cut = false;
};
inline constexpr std::size_t kHistory = 100;
std::string encode(const Certificate& certificate);
Result<Certificate> decode_certificate(std::string_view text);

Instant renewal_due(const Certificate& certificate);  // two thirds of its life
// Good, and nothing has replaced it: whether it is overdue is a matter of the time.
bool needs_successor(const Certificate& certificate);

// ---- spaces. The DER stands apart from the record: a list reads hundreds of records and no DER.
inline constexpr const char* kCertificate = "certificate";  // serial -> record
inline constexpr const char* kDer = "der";                  // serial -> DER
inline constexpr const char* kBySha256 = "by_sha256";       // of the DER, hex -> serial
inline constexpr const char* kByValue = "by_value";         // everything, or a value of a field (value_group), offset, serial
inline constexpr const char* kByExpiry = "by_expiry";       // everything, or a requester, notAfter, serial
inline constexpr const char* kByDue = "by_due";             // likewise of what needs a successor, renewal_due, serial
inline constexpr const char* kByName = "by_name";           // name (domains reversed), offset, serial
inline constexpr const char* kByText = "by_text";           // name without its kind (text_group), offset, serial
// What ended before this is forgotten here, and in the log alone: one point, seconds since 1970; absent: nothing is.
inline constexpr const char* kForgotten = "forgotten";
views::PointKey forgotten_key();
std::optional<Instant> forgotten_before(const std::optional<std::string>& value);
std::vector<views::Space> certificate_spaces();
views::PointKey certificate_key(const SerialNumber& serial);
views::PointKey der_key(const SerialNumber& serial);
views::PointKey sha256_key(std::string_view hex);

// What of a certificate is counted by value, and is a filter. "good" is counted and stands in no index: it is nearly everything.
enum class Field : std::uint8_t { status, profile, authority, service, node, requester, key };
inline constexpr Field kFields[] = {Field::status, Field::profile,   Field::authority, Field::service,
                                    Field::node,   Field::requester, Field::key};
std::string_view name(Field field);
std::optional<Field> parse_field(std::string_view text);
std::optional<std::string> value_of(const Certificate& certificate, Field field);
std::string value_group(Field field, std::string_view value);  // "service shop"

// The group of everything. Each certificate stands in by_expiry and by_due twice, here and among those of its requester, so that a
// requester's lists read, and their cursors show, nothing of anybody else's.
inline constexpr const char* kEverybody = "*";

// A name as by_name orders it: domains from the top ("DNS:api.internal" -> "dns internal.api"), so that a suffix is a
// prefix; every other kind as it is ("IP:10.0.0.7").
std::string name_group(std::string_view name);
std::string suffix_group(std::string_view domain);  // of everything below a domain: ".internal" -> "dns internal."
// And as by_text does: "DNS:api.internal" -> "api.internal", "URI:spiffe://TD/a" -> "spiffe://td/a".
std::string text_group(std::string_view name);
std::string lower_case(std::string_view text);  // of ASCII

// Before 1970 everything is one moment: no certificate of this CA ends there.
std::uint64_t moment_number(Instant moment);

std::string_view status_group(ca::Status::Kind kind);

}  // namespace quicklime::dashboard_api
