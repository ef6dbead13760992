#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/json_object.hpp"
#include "events/codec.hpp"
#include "events/types.hpp"

namespace quicklime::events {
namespace {

// In the order of Actor::Kind.
constexpr std::array<std::string_view, 6> kActorKinds{"control", "token", "revocation-secret", "certificate", "process", "user"};

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
  bool flag(const char* name) const {
    const auto& value = at(name);
    if (!value.is_boolean()) wrong(name, "is not true or false");
    return value.get<bool>();
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
  template <class Id>
  Id id(const char* name) const {
    return Id(string(name));
  }

  [[noreturn]] void wrong(const char* name, const char* what) const { throw Undecodable{where_ + "." + name + " " + what}; }

 private:
  const nlohmann::json& object_;
  std::string where_;
};

// ---- values: one pair of functions per kind of member. What is absent is left out, never null.
void write(JsonObject& data, const char* name, const std::string& value, Form form) {
  data.string(name, form == Form::base64 ? base64_encode(value) : value);
}
void write(JsonObject& data, const char* name, const std::vector<std::string>& value, Form) { data.strings(name, value); }
void write(JsonObject& data, const char* name, std::uint64_t value, Form) { data.name(name) += std::to_string(value); }
void write(JsonObject& data, const char* name, bool value, Form) { data.name(name) += value ? "true" : "false"; }
void write(JsonObject& data, const char* name, const Instant& value, Form form) {
  data.string(name, form == Form::whole_seconds ? value.rfc3339_seconds() : value.rfc3339());
}
void write(JsonObject& data, const char* name, const SerialNumber& value, Form) { data.string(name, value.hex()); }
template <class Tag>
void write(JsonObject& data, const char* name, const StringId<Tag>& value, Form) {
  data.string(name, value.text());
}
template <class Value>
void write(JsonObject& data, const char* name, const std::optional<Value>& value, Form form) {
  if (value) write(data, name, *value, form);
}

template <class Value>
struct Read;
template <>
struct Read<std::string> {
  static std::string from(const Fields& data, const char* name, Form form) {
    return form == Form::base64 ? data.bytes(name) : data.string(name);
  }
};
template <>
struct Read<std::vector<std::string>> {
  static std::vector<std::string> from(const Fields& data, const char* name, Form) { return data.strings(name); }
};
template <>
struct Read<std::uint64_t> {
  static std::uint64_t from(const Fields& data, const char* name, Form) { return data.number(name); }
};
template <>
struct Read<bool> {
  static bool from(const Fields& data, const char* name, Form) { return data.flag(name); }
};
template <>
struct Read<Instant> {
  static Instant from(const Fields& data, const char* name, Form) { return data.instant(name); }
};
template <>
struct Read<SerialNumber> {
  static SerialNumber from(const Fields& data, const char* name, Form) { return data.serial(name); }
};
template <class Tag>
struct Read<StringId<Tag>> {
  static StringId<Tag> from(const Fields& data, const char* name, Form) { return StringId<Tag>(data.string(name)); }
};
template <class Value>
struct Read<std::optional<Value>> {
  static std::optional<Value> from(const Fields& data, const char* name, Form form) {
    if (!data.has(name)) return std::nullopt;
    return Read<Value>::from(data, name, form);
  }
};

enum class Shown { whole, to_people };

template <class E>
void write_data(JsonObject& data, const E& event, Shown shown = Shown::whole) {
  const auto write_field = [&](const auto& field) {
    if (shown == Shown::to_people && (field.form == Form::base64 || field.form == Form::not_shown)) return;
    write(data, field.name, event.*field.member, field.form);
  };
  std::apply([&](const auto&... field) { (write_field(field), ...); }, Type<E>::fields);
}

// Braces fix the order, and make the struct from all its members at once: ids and times have no empty value.
template <class E>
Data read_data(const Fields& data) {
  return std::apply([&]<class... Value>(const Field<E, Value>&... field) { return E{Read<Value>::from(data, field.name, field.form)...}; },
                    Type<E>::fields);
}

// Versions differ by additions alone, so there is nothing to upcast yet: a new MODEL or REVISION of a type gets its own
// reader beside read(), chosen here by version.
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
      readers[next++] = {Type<Event>::name, &read_data<Event>};
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

// Absent: written before rules had numbers.
unsigned read_rules(const Fields& envelope) {
  const std::uint64_t rules = envelope.has("rules") ? envelope.number("rules") : 1;
  if (rules == 0) envelope.wrong("rules", "is not a number from 1");
  return static_cast<unsigned>(std::min<std::uint64_t>(rules, std::numeric_limits<unsigned>::max()));
}

// nullopt: of a kind that this version does not know.
std::optional<Actor> read_actor(const Fields& envelope) {
  const Fields actor(envelope.at("actor"), "actor");
  const auto kind = parse_actor_kind(actor.string("kind"));
  if (!kind) return std::nullopt;
  return Actor{*kind, actor.string("id"), actor.string_or_empty("session")};
}

std::optional<std::string> read_optional(const Fields& envelope, const char* name) {
  return envelope.has(name) ? std::optional(envelope.string(name)) : std::nullopt;
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

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> names;
  for (const Reader& reader : kReaders) names.push_back(reader.name);
  return names;
}

std::string shown_data(const Data& data) {
  std::string json;
  JsonObject object(json);
  std::visit(
      [&]<class E>(const E& event) {
        if constexpr (!std::is_same_v<E, Ignored>) write_data(object, event, Shown::to_people);
      },
      data);
  object.end();
  return json;
}

std::string_view name(Actor::Kind kind) { return kActorKinds[static_cast<std::size_t>(kind)]; }

std::optional<Actor::Kind> parse_actor_kind(std::string_view text) {
  const auto found = std::find(kActorKinds.begin(), kActorKinds.end(), text);
  if (found == kActorKinds.end()) return std::nullopt;
  return static_cast<Actor::Kind>(found - kActorKinds.begin());
}

std::string encode(const Event& event) {
  std::string json;
  json.reserve(2'048);
  JsonObject envelope(json);
  std::visit(
      [&]<class E>(const E& data) {
        if constexpr (std::is_same_v<E, Ignored>) {
          envelope.string("schema", data.schema);
          envelope.name("ignorable") += "true";
        } else {
          envelope.string("schema", std::string(Type<E>::name) + "/" + std::string(version_of<E>()));
          if constexpr (requires { Type<E>::ignorable; }) envelope.name("ignorable") += "true";
        }
      },
      event.data);
  envelope.string("id", event.id.text());
  envelope.string("time", event.time.rfc3339());
  envelope.string("writer", event.writer.incarnation + "/" + std::to_string(event.writer.sequence));
  JsonObject actor(envelope.name("actor"));
  actor.string("kind", name(event.actor.kind));
  actor.string("id", event.actor.id);
  if (!event.actor.session.empty()) actor.string("session", event.actor.session);
  actor.end();
  if (event.on_behalf_of) envelope.string("on_behalf_of", *event.on_behalf_of);
  envelope.string("request", event.request.text());
  if (!event.traceparent.empty()) envelope.string("traceparent", event.traceparent);
  if (event.rules != 1) envelope.name("rules") += std::to_string(event.rules);
  if (!event.once.empty()) envelope.strings("once", event.once);
  if (!event.body.empty()) envelope.string("body", event.body);
  if (!event.subject.empty()) envelope.string("subject", event.subject);
  JsonObject data(envelope.name("data"));
  std::visit(
      [&]<class E>(const E& fields) {
        if constexpr (!std::is_same_v<E, Ignored>) write_data(data, fields);
      },
      event.data);
  data.end();
  envelope.end();
  return json;
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
    const unsigned rules = read_rules(envelope);
    if (rules > kRules) {
      return fail(ErrorCode::verification_failed, "event-unknown",
                  "this version knows the rules up to number " + std::to_string(kRules) + ", and this event was judged by number " +
                      std::to_string(rules) + ": a newer Quicklime wrote to this log; use that version");
    }
    auto actor = read_actor(envelope);
    if (!actor) {
      return fail(ErrorCode::verification_failed, "event-unknown",
                  "this version does not know actors of kind " + Fields(envelope.at("actor"), "actor").string("kind") +
                      ": a newer Quicklime wrote to this log; use that version");
    }
    return Event{.id = envelope.id<EventId>("id"),
                 .time = envelope.instant("time"),
                 .writer = read_writer(envelope),
                 .actor = *std::move(actor),
                 .request = envelope.id<RequestId>("request"),
                 .once = envelope.has("once") ? envelope.strings("once") : std::vector<std::string>(),
                 .body = envelope.string_or_empty("body"),
                 .subject = envelope.string_or_empty("subject"),
                 .data = reader ? reader->read(Fields(envelope.at("data"), "data")) : Data(Ignored{schema_text}),
                 .rules = rules,
                 .on_behalf_of = read_optional(envelope, "on_behalf_of"),
                 .traceparent = envelope.string_or_empty("traceparent")};
  } catch (const Undecodable& error) {
    return undecodable(error.detail);
  }
}

}  // namespace quicklime::events
