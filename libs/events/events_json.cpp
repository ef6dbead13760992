#include <array>
#include <charconv>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "events/codec.hpp"

namespace quicklime::events {
namespace {

using Json = nlohmann::ordered_json;

// Thrown and caught in this file alone: reading stops at the first field that does not fit.
struct Undecodable {
  std::string detail;
};

// The fields of one object, read strictly: there, and of the right kind.
class Fields {
 public:
  Fields(const nlohmann::json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) throw Undecodable{where_ + " is not an object"};
  }

  bool has(const char* name) const { return object_.contains(name); }
  const nlohmann::json& at(const char* name) const {
    const auto found = object_.find(name);
    if (found == object_.end()) wrong(name, "is missing");
    return *found;
  }
  std::string string(const char* name) const {
    const auto& value = at(name);
    if (!value.is_string()) wrong(name, "is not a string");
    return value.get<std::string>();
  }
  std::string string_or_empty(const char* name) const { return has(name) ? string(name) : std::string(); }
  std::optional<std::string> optional_string(const char* name) const { return has(name) ? std::optional(string(name)) : std::nullopt; }
  std::vector<std::string> strings(const char* name) const {
    const auto& value = at(name);
    if (!value.is_array()) wrong(name, "is not an array");
    std::vector<std::string> list;
    for (const auto& element : value) {
      if (!element.is_string()) wrong(name, "holds something other than strings");
      list.push_back(element.get<std::string>());
    }
    return list;
  }
  std::uint64_t number(const char* name) const {
    const auto& value = at(name);
    if (!value.is_number_unsigned()) wrong(name, "is not a whole number");
    return value.get<std::uint64_t>();
  }
  std::string bytes(const char* name) const {
    auto decoded = base64_decode(string(name));
    if (!decoded) wrong(name, "is not base64");
    return *std::move(decoded);
  }
  Instant instant(const char* name) const {
    auto parsed = Instant::parse(string(name));
    if (!parsed) wrong(name, "is not a time");
    return *parsed;
  }
  SerialNumber serial(const char* name) const {
    auto parsed = SerialNumber::from_hex(string(name));
    if (!parsed) wrong(name, "is not a serial number");
    return *parsed;
  }
  std::optional<SerialNumber> optional_serial(const char* name) const { return has(name) ? std::optional(serial(name)) : std::nullopt; }
  template <class Id>
  Id id(const char* name) const {
    return Id(string(name));
  }
  template <class Id>
  std::optional<Id> optional_id(const char* name) const {
    return has(name) ? std::optional<Id>(Id(string(name))) : std::nullopt;
  }

  [[noreturn]] void wrong(const char* name, const char* what) const { throw Undecodable{where_ + "." + name + " " + what}; }

 private:
  const nlohmann::json& object_;
  std::string where_;
};

// What is absent is left out, never null.
void put(Json& data, const char* name, const std::optional<std::string>& value) {
  if (value) data[name] = *value;
}

// One entry per struct of event.hpp: its name in the log, and how its data is written and read.
template <class Event>
struct Type;

template <>
struct Type<LogCreated> {
  static constexpr std::string_view name = "log.created";
  static void write(Json& data, const LogCreated& event) { data["log_id"] = event.log_id.text(); }
  static LogCreated read(const Fields& data) { return {data.id<LogId>("log_id")}; }
};

template <>
struct Type<LogSealed> {
  static constexpr std::string_view name = "log.sealed";
  static void write(Json&, const LogSealed&) {}
  static LogSealed read(const Fields&) { return {}; }
};

template <>
struct Type<LogOpened> {
  static constexpr std::string_view name = "log.opened";
  static void write(Json& data, const LogOpened& event) { data["from"] = event.from; }
  static LogOpened read(const Fields& data) { return {data.string("from")}; }
};

template <>
struct Type<LogRestored> {
  static constexpr std::string_view name = "log.restored";
  static void write(Json& data, const LogRestored& event) { data["epoch"] = event.epoch; }
  static LogRestored read(const Fields& data) { return {data.number("epoch")}; }
};

template <>
struct Type<AuthorityAdded> {
  static constexpr std::string_view name = "authority.added";
  static void write(Json& data, const AuthorityAdded& event) {
    data["authority"] = event.authority.text();
    if (event.parent) data["parent"] = event.parent->text();
    data["certificate"] = base64_encode(event.certificate);
  }
  static AuthorityAdded read(const Fields& data) {
    return {data.id<AuthorityId>("authority"), data.optional_id<AuthorityId>("parent"), data.bytes("certificate")};
  }
};

template <>
struct Type<AuthorityRetired> {
  static constexpr std::string_view name = "authority.retired";
  static void write(Json& data, const AuthorityRetired& event) { data["authority"] = event.authority.text(); }
  static AuthorityRetired read(const Fields& data) { return {data.id<AuthorityId>("authority")}; }
};

template <>
struct Type<CertificateIssued> {
  static constexpr std::string_view name = "certificate.issued";
  static void write(Json& data, const CertificateIssued& event) {
    data["authority"] = event.authority.text();
    data["serial"] = event.serial.hex();
    data["certificate"] = base64_encode(event.certificate);
    data["profile"] = event.profile;
    data["profile_sha256"] = event.profile_sha256;
    data["names"] = event.names;
    data["not_before"] = event.not_before.rfc3339_seconds();
    data["not_after"] = event.not_after.rfc3339_seconds();
    data["key_sha256"] = event.key_sha256;
    put(data, "service", event.service);
    put(data, "node", event.node);
    data["renewal_challenge"] = event.renewal_challenge;
    data["revocation_key"] = event.revocation_key;
    if (event.replaces) data["replaces"] = event.replaces->hex();
  }
  static CertificateIssued read(const Fields& data) {
    return {.authority = data.id<AuthorityId>("authority"),
            .serial = data.serial("serial"),
            .certificate = data.bytes("certificate"),
            .profile = data.string("profile"),
            .profile_sha256 = data.string("profile_sha256"),
            .names = data.strings("names"),
            .not_before = data.instant("not_before"),
            .not_after = data.instant("not_after"),
            .key_sha256 = data.string("key_sha256"),
            .service = data.optional_string("service"),
            .node = data.optional_string("node"),
            .renewal_challenge = data.string("renewal_challenge"),
            .revocation_key = data.string("revocation_key"),
            .replaces = data.optional_serial("replaces")};
  }
};

template <>
struct Type<CertificateRevoked> {
  static constexpr std::string_view name = "certificate.revoked";
  static void write(Json& data, const CertificateRevoked& event) {
    data["serial"] = event.serial.hex();
    data["authority"] = event.authority.text();
    data["reason"] = event.reason;
    data["key_sha256"] = event.key_sha256;
    if (event.lost_to) data["lost_to"] = event.lost_to->text();
  }
  static CertificateRevoked read(const Fields& data) {
    return {data.serial("serial"), data.id<AuthorityId>("authority"), data.string("reason"), data.string("key_sha256"),
            data.optional_id<EventId>("lost_to")};
  }
};

template <>
struct Type<CertificateHeld> {
  static constexpr std::string_view name = "certificate.held";
  static void write(Json& data, const CertificateHeld& event) {
    data["serial"] = event.serial.hex();
    data["authority"] = event.authority.text();
  }
  static CertificateHeld read(const Fields& data) { return {data.serial("serial"), data.id<AuthorityId>("authority")}; }
};

template <>
struct Type<CertificateReleased> {
  static constexpr std::string_view name = "certificate.released";
  static void write(Json& data, const CertificateReleased& event) {
    data["serial"] = event.serial.hex();
    data["authority"] = event.authority.text();
  }
  static CertificateReleased read(const Fields& data) { return {data.serial("serial"), data.id<AuthorityId>("authority")}; }
};

template <>
struct Type<KeyBlocked> {
  static constexpr std::string_view name = "key.blocked";
  static void write(Json& data, const KeyBlocked& event) { data["key_sha256"] = event.key_sha256; }
  static KeyBlocked read(const Fields& data) { return {data.string("key_sha256")}; }
};

template <>
struct Type<RequestDenied> {
  static constexpr std::string_view name = "request.denied";
  static void write(Json& data, const RequestDenied& event) {
    data["route"] = event.route;
    data["reason"] = event.reason;
    data["detail"] = event.detail;
    data["count"] = event.count;
  }
  static RequestDenied read(const Fields& data) {
    return {data.string("route"), data.string("reason"), data.string("detail"), data.number("count")};
  }
};

template <>
struct Type<CrlPublished> {
  static constexpr std::string_view name = "crl.published";
  static void write(Json& data, const CrlPublished& event) {
    data["scope"] = event.scope;
    data["previous"] = event.previous;
    data["number"] = event.number;
    data["entries_sha256"] = event.entries_sha256;
    data["before"] = base64_encode(event.before);
    data["after"] = base64_encode(event.after);
    data["this_update"] = event.this_update.rfc3339_seconds();
    data["next_update"] = event.next_update.rfc3339_seconds();
  }
  static CrlPublished read(const Fields& data) {
    return {.scope = data.string("scope"),
            .previous = data.string("previous"),
            .number = data.string("number"),
            .entries_sha256 = data.string("entries_sha256"),
            .before = data.bytes("before"),
            .after = data.bytes("after"),
            .this_update = data.instant("this_update"),
            .next_update = data.instant("next_update")};
  }
};

template <>
struct Type<TokenCreated> {
  static constexpr std::string_view name = "token.created";
  static void write(Json& data, const TokenCreated& event) {
    data["token"] = event.token.text();
    data["name"] = event.name;
    data["secret_sha256"] = event.secret_sha256;
    data["role"] = event.role;
    data["profiles"] = event.profiles;
    data["names"] = event.names;
    data["not_after"] = event.not_after.rfc3339();
  }
  static TokenCreated read(const Fields& data) {
    return {.token = data.id<TokenId>("token"),
            .name = data.string("name"),
            .secret_sha256 = data.string("secret_sha256"),
            .role = data.string("role"),
            .profiles = data.strings("profiles"),
            .names = data.strings("names"),
            .not_after = data.instant("not_after")};
  }
};

template <>
struct Type<TokenRevoked> {
  static constexpr std::string_view name = "token.revoked";
  static void write(Json& data, const TokenRevoked& event) { data["token"] = event.token.text(); }
  static TokenRevoked read(const Fields& data) { return {data.id<TokenId>("token")}; }
};

// Every type is at its first version, so there is nothing to upcast yet: a new MODEL or REVISION of a type gets its own
// reader beside read(), chosen here by version.
constexpr std::string_view kVersion = "1-0-0";
constexpr std::string_view kModel = "1";

struct Reader {
  std::string_view name;
  Data (*read)(const Fields& data);
};

template <class... Events>
constexpr auto readers_of(std::variant<Events...>*) {
  constexpr std::size_t known = sizeof...(Events) - 1;  // all but Ignored, which stands last
  std::array<Reader, known> readers{};
  std::size_t next = 0;
  const auto add = [&]<class Event>(Event*) {
    if constexpr (!std::is_same_v<Event, Ignored>) {
      readers[next++] = {Type<Event>::name, [](const Fields& data) -> Data { return Type<Event>::read(data); }};
    }
  };
  (add(static_cast<Events*>(nullptr)), ...);
  return readers;
}
constexpr auto kReaders = readers_of(static_cast<Data*>(nullptr));

struct Schema {
  std::string_view type;
  std::string_view model;
};

bool is_number(std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos; }

// "certificate.issued/1-0-0": MODEL-REVISION-ADDITION.
Schema parse_schema(std::string_view text) {
  const auto slash = text.find('/');
  const auto first = text.find('-', slash == std::string_view::npos ? 0 : slash);
  const auto second = first == std::string_view::npos ? first : text.find('-', first + 1);
  if (slash == 0 || slash == std::string_view::npos || second == std::string_view::npos ||
      !is_number(text.substr(slash + 1, first - slash - 1)) || !is_number(text.substr(first + 1, second - first - 1)) ||
      !is_number(text.substr(second + 1))) {
    throw Undecodable{"schema is not of the form type/MODEL-REVISION-ADDITION"};
  }
  return {text.substr(0, slash), text.substr(slash + 1, first - slash - 1)};
}

Writer read_writer(const Fields& envelope) {
  const std::string text = envelope.string("writer");
  const auto slash = text.rfind('/');
  std::uint64_t sequence = 0;
  if (slash != std::string::npos && slash > 0) {
    const auto [end, error] = std::from_chars(text.data() + slash + 1, text.data() + text.size(), sequence);
    if (error == std::errc{} && end == text.data() + text.size()) return {text.substr(0, slash), sequence};
  }
  envelope.wrong("writer", "is not of the form incarnation/sequence");
}

Actor read_actor(const Fields& envelope) {
  const Fields actor(envelope.at("actor"), "actor");
  return {actor.string("kind"), actor.string("id")};
}

}  // namespace

std::string_view type_name(const Data& data) {
  return std::visit(
      []<class Event>(const Event& event) -> std::string_view {
        if constexpr (std::is_same_v<Event, Ignored>) {
          return std::string_view(event.schema).substr(0, event.schema.find('/'));
        } else {
          return Type<Event>::name;
        }
      },
      data);
}

std::string encode(const Event& event) {
  Json json;
  std::visit(
      [&]<class E>(const E& data) {
        if constexpr (std::is_same_v<E, Ignored>) {
          json["schema"] = data.schema;
          json["ignorable"] = true;
        } else {
          json["schema"] = std::string(Type<E>::name) + "/" + std::string(kVersion);
        }
      },
      event.data);
  json["id"] = event.id.text();
  json["time"] = event.time.rfc3339();
  json["writer"] = event.writer.incarnation + "/" + std::to_string(event.writer.sequence);
  json["actor"] = Json{{"kind", event.actor.kind}, {"id", event.actor.id}};
  json["request"] = event.request.text();
  if (!event.once.empty()) json["once"] = event.once;
  if (!event.body.empty()) json["body"] = event.body;
  if (!event.subject.empty()) json["subject"] = event.subject;
  Json& data = json["data"] = Json::object();
  std::visit(
      [&]<class E>(const E& fields) {
        if constexpr (!std::is_same_v<E, Ignored>) Type<E>::write(data, fields);
      },
      event.data);
  // Text that is not UTF-8 (it can only come from a name inside a refused request) is shown with U+FFFD, never a failure.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Event> decode(std::string_view bytes) {
  const auto undecodable = [](const std::string& detail) {
    return fail(ErrorCode::verification_failed, "event-undecodable", "the event is not one of ours: " + detail);
  };
  const auto json = nlohmann::json::parse(bytes, nullptr, false);
  if (json.is_discarded()) return undecodable("it is not JSON");
  try {
    const Fields envelope(json, "event");
    const std::string schema_text = envelope.string("schema");
    const Schema schema = parse_schema(schema_text);
    const Reader* reader = nullptr;
    for (const Reader& candidate : kReaders) {
      if (candidate.name == schema.type && schema.model == kModel) reader = &candidate;
    }
    const bool ignorable = envelope.has("ignorable") && envelope.at("ignorable") == true;
    if (!reader && !ignorable) {
      return fail(ErrorCode::verification_failed, "event-unknown",
                  "this version does not know events of schema " + schema_text + ": a newer Quicklime wrote to this log; use that version");
    }
    return Event{.id = envelope.id<EventId>("id"),
                 .time = envelope.instant("time"),
                 .writer = read_writer(envelope),
                 .actor = read_actor(envelope),
                 .request = envelope.id<RequestId>("request"),
                 .once = envelope.has("once") ? envelope.strings("once") : std::vector<std::string>(),
                 .body = envelope.string_or_empty("body"),
                 .subject = envelope.string_or_empty("subject"),
                 .data = reader ? reader->read(Fields(envelope.at("data"), "data")) : Data(Ignored{schema_text})};
  } catch (const Undecodable& error) {
    return undecodable(error.detail);
  }
}

}  // namespace quicklime::events
