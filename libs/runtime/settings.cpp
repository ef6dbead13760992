#include "runtime/settings.hpp"

#include <type_traits>

namespace quicklime::runtime {
namespace {

constexpr std::int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

std::string in_quotes(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result + '"';
}

// A value as TOML would have it.
std::string literal(const std::string& value) { return in_quotes(value); }
std::string literal(const ListenAddress& value) { return in_quotes(text(value)); }
std::string literal(Milliseconds value) { return in_quotes(value.count() == 0 ? "0s" : duration_text(value)); }
std::string literal(std::size_t value) { return std::to_string(value); }
std::string literal(unsigned value) { return std::to_string(value); }
std::string literal(bool value) { return value ? "true" : "false"; }
std::string literal(log::Level value) { return in_quotes(words(value)[static_cast<std::size_t>(value)]); }
std::string literal(log::Format value) { return in_quotes(words(value)[static_cast<std::size_t>(value)]); }
std::string literal(const std::vector<std::string>& value) {
  std::string list;
  for (const std::string& text : value) list += (list.empty() ? "" : ", ") + in_quotes(text);
  return "[" + list + "]";
}

std::string choice(const std::vector<std::string>& words) {
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "choice: " : ", ") + word;
  return list;
}
std::string kind(const std::string&) { return "text"; }
std::string kind(const std::vector<std::string>&) { return "texts"; }
std::string kind(const ListenAddress&) { return "address"; }
std::string kind(Milliseconds) { return "duration"; }
std::string kind(std::size_t) { return "count"; }
std::string kind(unsigned) { return "count"; }
std::string kind(bool) { return "flag"; }
std::string kind(log::Level level) { return choice(words(level)); }
std::string kind(log::Format format) { return choice(words(format)); }

std::string table_of(const std::string& key) {
  const std::size_t dot = key.rfind('.');
  return dot == std::string::npos ? "" : key.substr(0, dot);
}

}  // namespace

const std::vector<std::string>& words(log::Level) {
  static const std::vector<std::string> levels{"debug", "info", "warning", "error"};
  return levels;
}
const std::vector<std::string>& words(log::Format) {
  static const std::vector<std::string> formats{"text", "json"};
  return formats;
}

const std::vector<Row>& rows() {
  using C = Configuration;
  static const std::vector<Row> table{
      {"public_url", &C::public_url,
       "Where clients reach OCSP, CRLs and CA certificates over plain HTTP: it stands in every certificate, so it cannot be taken back."},
      {"threads", &C::threads, "I/O threads, each with its own connections; 0 means one per core.", 0, 256},
      {"listen.https", &C::https, "Where everything is served over TLS; empty: nowhere."},
      {"listen.http", &C::http, "Where OCSP, CRLs and CA certificates are served over plain HTTP; empty: nowhere."},
      {"listen.admin", &C::admin, "Where /livez, /readyz and /metrics are served, to whoever can connect; empty: nowhere."},
      {"listen.bootstrap", &C::bootstrap,
       "Where issuance certifies daemons and gateways over TLS, for their bootstrap tokens or for the certificates that they have; nobody "
       "else's are taken there. Empty: nowhere."},
      {"log.level", &C::log_level, "The least important line that is written to standard error."},
      {"log.format", &C::log_format, "Lines for people, or one JSON object a line."},
      {"names.allow", &C::names_allow,
       "Which names this CA certifies at all, whatever a token grants: `api.internal`, `*.load.internal`, `**.internal`, `10.0.0.0/8`, "
       "`*@example.com`, `spiffe://td/*`."},
      {"names.deny", &C::names_deny, "Which names it never certifies; wins over names.allow."},
      {"issuing.backdate", &C::backdate, "How long before its making a certificate begins, for clocks that are behind.", 0, kDay},
      {"issuing.stale_limit", &C::write_stale_limit, "Writes are answered 503 when the view they decide by is older than this.", 1, kHour},
      {"issuing.verdict_wait", &C::verdict_wait, "How long a write waits to know whether it was the first of its kind; then 503.", 1,
       kMinute},
      {"issuing.unfolded_limit", &C::unfolded_limit,
       "How many events may stand in the log that a role's view has not folded, requests under way included, before its writes wait.", 1,
       1'000'000},
      {"issuing.admission_wait", &C::admission_wait, "How long a write waits to be let in; then 503, and nothing was done.", 1, kMinute},
      {"limits.authentication_failures", &C::authentication_failures,
       "How often one address (an IPv6 network of 64 bits) may fail to say who it is in a second; then 429. 0: any number. Behind a proxy "
       "of your own all clients have its address.",
       0, 65'535},
      {"limits.requests_per_identity", &C::requests_per_identity,
       "How often one identity (a token, or who proves to hold a certificate) may ask each process in a second; then 429. 0: any number. A "
       "front end counts by the requester for whom it asks (`Quicklime-On-Behalf-Of`), and in all as sixteen of them.",
       0, 65'535},
      {"profiles.tls-server.default_lifetime", &C::tls_server_default_lifetime, "Of a certificate that is asked for without a lifetime.",
       kSecond, 3650 * kDay},
      {"profiles.tls-server.maximum_lifetime", &C::tls_server_maximum_lifetime, "More is refused, not trimmed.", kSecond, 3650 * kDay},
      {"profiles.tls-client.default_lifetime", &C::tls_client_default_lifetime, "Of a certificate that is asked for without a lifetime.",
       kSecond, 3650 * kDay},
      {"profiles.tls-client.maximum_lifetime", &C::tls_client_maximum_lifetime, "More is refused, not trimmed.", kSecond, 3650 * kDay},
      {"profiles.tls-peer.default_lifetime", &C::tls_peer_default_lifetime, "Of a certificate that is asked for without a lifetime.",
       kSecond, 3650 * kDay},
      {"profiles.tls-peer.maximum_lifetime", &C::tls_peer_maximum_lifetime, "More is refused, not trimmed.", kSecond, 3650 * kDay},
      {"renewal.after_expiry", &C::renewal_after_expiry,
       "How long after its notAfter a certificate may still be renewed; never longer than it lived.", 0, 365 * kDay},
      {"renewal.allow_same_key", &C::renewal_allow_same_key, "Whether a renewal may keep the key of the certificate that it replaces."},
      {"renewal.gateway", &C::renewal_gateway,
       "The role of the TLS client whose header `Client-Cert` is believed, as its certificate names it (`quicklime:role/...`); whoever has "
       "that can renew in anyone's name. Empty: nobody's with `quicklime serve`, that of `gateway` with daemons."},
      {"ocsp.lifetime", &C::ocsp_lifetime, "From thisUpdate to nextUpdate; never past the responder's own certificate.", kSecond,
       30 * kDay},
      {"ocsp.stale_limit", &C::ocsp_stale_limit, "OCSP says tryLater when its view is older than this.", 1, kDay},
      {"ocsp.cache_answers", &C::ocsp_cache_answers, "How many signed answers are kept in memory.", 0, 100'000'000},
      {"crl.lifetime", &C::crl_lifetime, "From thisUpdate to nextUpdate; a new one is made at half of it, and after every revocation.",
       2 * kSecond, 365 * kDay},
      {"inventory.retention", &C::inventory_retention,
       "How long after its end a certificate is kept in the inventory; the log keeps it for ever. 0s: the inventory does too.", 0,
       36'500 * kDay},
      {"clock.tolerance", &C::clock_tolerance,
       "How far this process's clock, the store's and the newest events' may be apart before it is said.", 100, kHour},
      {"own_certificate.lifetime", &C::own_certificate_lifetime,
       "Of the process's own TLS and OCSP responder certificates, renewed at two thirds without a restart.", 3 * kSecond, 30 * kDay},
      {"own_certificate.issuance_url", &C::issuance_url,
       "Daemons: where issuance listens for bootstrap tokens: `https://issuance:8444`. Issuance itself does not need it."},
      {"http.body_bytes", &C::body_bytes, "The largest request body; more is answered 413.", 1024, 64 * 1024 * 1024},
      {"http.header_timeout", &C::header_timeout, "For a TLS handshake, and for a request's headers.", 1, kHour},
      {"http.body_timeout", &C::body_timeout, "For a request's body.", 1, kHour},
      {"http.idle_timeout", &C::idle_timeout, "Between two requests of one connection.", 1, kDay},
      {"http.drain_timeout", &C::drain_timeout, "After SIGTERM, for the answers under way.", 0, kHour},
      {"event_log.append_queue", &C::append_queue, "How many events may wait to be written; more are answered 503.", 1, 10'000'000},
      {"kafka.bootstrap_servers", &C::kafka_bootstrap_servers, "Daemons: `kafka-1:9092,kafka-2:9092`."},
      {"kafka.topic", &C::kafka_topic, "Daemons: the one topic, with one partition, that is the log."},
      {"kafka.allow_single_replica", &C::kafka_allow_single_replica, "Daemons: accept a topic that one broker's death can lose."},
      {"kafka.flush_every_event", &C::kafka_flush_every_event,
       "Daemons: accept only a topic whose brokers write each event to their disks before it counts (`flush.messages=1`)."},
      {"kafka.client", &C::kafka_client,
       "Daemons: for librdkafka as they are: `security.protocol=SASL_SSL`, `sasl.username=issuance`, `ssl.ca.location=...`."},
      {"kafka.append_wait", &C::kafka_append_wait, "Daemons: how long a write waits for the brokers; then 503, and it may land later.", 1,
       kMinute},
      {"kafka.socket_timeout", &C::kafka_socket_timeout,
       "Daemons: how long a broker may leave one request unanswered; then it counts as gone, and the topic's leader is looked for again.",
       kSecond, 5 * kMinute},
      {"kafka.question_timeout", &C::kafka_question_timeout,
       "Daemons: how long a question waits for the brokers: where the log ends, what one event says.", kSecond, 5 * kMinute},
      {"kafka.message_timeout", &C::kafka_message_timeout,
       "Daemons: how long an event is sent again and again, also after its request was answered 503.", kSecond, kHour},
      {"redis.host", &C::redis_host, "Daemons: where this role's view is."},
      {"redis.port", &C::redis_port, "Daemons: its port.", 1, 65'535},
      {"redis.unix_socket", &C::redis_unix_socket, "Daemons: a path, instead of host and port."},
      {"redis.user", &C::redis_user, "Daemons: the ACL user; empty: the default user."},
      {"redis.password_file", &C::redis_password_file, "Daemons: its password is the first line of this file; empty: none."},
      {"redis.tls", &C::redis_tls, "Daemons: speak TLS to Redis."},
      {"redis.roots_file", &C::redis_roots_file, "Daemons: whom to trust there, PEM; empty: the system's roots."},
      {"redis.key_prefix", &C::redis_key_prefix, "Daemons: what every key begins with."},
      {"redis.read_deadline", &C::redis_read_deadline, "Daemons: how long a read waits for Redis.", 1, kMinute},
      {"redis.connect_deadline", &C::redis_connect_deadline, "Daemons: for a connection to Redis, its TLS handshake and its sign-in.", 1,
       kMinute},
      {"redis.projector_deadline", &C::redis_projector_deadline, "Projectors: how long a step of the fold waits for Redis.", 1, kMinute},
  };
  return table;
}

const std::vector<Setting>& settings() {
  static const std::vector<Setting> all = [] {
    const Configuration defaults;
    std::vector<Setting> made;
    for (const Row& row : rows()) {
      std::visit(
          [&](auto member) {
            made.push_back({row.key, kind(defaults.*member), literal(defaults.*member), row.meaning});
          },
          row.member);
    }
    return made;
  }();
  return all;
}

std::string settings_markdown() {
  std::string page =
      "# Configuration\n\n"
      "`quicklime.toml` in the data directory, as `quicklime init` wrote it. A key that is not there has its default; a key that is not in "
      "this list is refused at the start, as is a value that cannot be.\n\n"
      "A *duration* is a number and a unit: `\"90d\"`, `\"12h\"`, `\"30m\"`, `\"10s\"`, `\"250ms\"`. An *address* is `\"127.0.0.1:9090\"`, "
      "`\"[::1]:8443\"`, `\":8443\"` for every address, or `\"\"` for none. *Texts* are a list: `[\"a\", \"b\"]`. A *flag* is `true` or "
      "`false`.\n\n"
      "| key | kind | default | meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : settings()) {
    page += "| `" + setting.key + "` | " + setting.kind + " | `" + setting.default_text + "` | " + setting.meaning + " |\n";
  }
  return page + "\nMade from `libs/runtime/settings.cpp`; a test fails when it is not.\n";
}

std::string initial_configuration(std::string_view public_url, const std::map<std::string, std::string>& given) {
  auto values = given;
  values["public_url"] = in_quotes(public_url);
  std::string file = "# Settings of this CA. Without its '#', a line changes a default; docs/configuration.md lists them all.\n";
  std::string table;
  for (const Setting& setting : settings()) {
    if (const std::string next = table_of(setting.key); next != table) {
      table = next;
      file += "\n[" + table + "]\n";
    }
    const std::string name = setting.key.substr(table.empty() ? 0 : table.size() + 1);
    const auto found = values.find(setting.key);
    file += "# " + setting.meaning + "\n" + (found == values.end() ? "#" : "") + name + " = " +
            (found == values.end() ? setting.default_text : found->second) + "\n";
  }
  return file;
}

}  // namespace quicklime::runtime
