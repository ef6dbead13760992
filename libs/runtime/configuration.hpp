#pragma once
// Every setting of a process, with its default: the one home of names, sizes, timeouts and limits.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.hpp"
#include "base/logging.hpp"
#include "base/result.hpp"

namespace quicklime::runtime {

// "127.0.0.1:9090", "[::1]:8443", "localhost:8443", ":8443" (every address), "" (not served). Port 0: any free one.
struct ListenAddress {
  std::string host;
  std::uint16_t port = 0;
  bool enabled = true;
};
Result<ListenAddress> parse_listen_address(std::string_view text);
std::string text(const ListenAddress& address);  // as parse_listen_address reads it

struct Configuration {
  std::string public_url;  // "http://ca.internal:8080": what stands in certificates; asked or derived at init

  ListenAddress https{"", 8443};
  ListenAddress http{"", 8080};
  ListenAddress admin{"127.0.0.1", 9090};
  unsigned threads = 0;  // 0: one per core

  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;

  std::vector<std::string> names_allow{"*"};
  std::vector<std::string> names_deny{};
  Milliseconds backdate{60'000};
  Milliseconds write_stale_limit{5'000};
  Milliseconds verdict_wait{2'000};
  std::size_t unfolded_limit = 256;  // events. More: who waits for a verdict waits longer; fewer: fold and signing take turns
  Milliseconds admission_wait{2'000};
  unsigned authentication_failures = 50;  // of one address in a second; 0: any number
  unsigned requests_per_identity = 0;     // of one identity in a second; 0: any number
  // Those of ca::default_profiles(), which a test compares.
  Milliseconds tls_server_default_lifetime = std::chrono::hours(24 * 90), tls_server_maximum_lifetime = std::chrono::hours(24 * 397);
  Milliseconds tls_client_default_lifetime = std::chrono::hours(24 * 90), tls_client_maximum_lifetime = std::chrono::hours(24 * 397);
  Milliseconds tls_peer_default_lifetime = std::chrono::hours(24 * 90), tls_peer_maximum_lifetime = std::chrono::hours(24 * 397);

  Milliseconds renewal_after_expiry{7LL * 86'400'000};
  bool renewal_allow_same_key = false;
  std::string renewal_gateway;  // a daemon without one: "gateway"

  Milliseconds ocsp_lifetime{3'600'000};
  Milliseconds ocsp_stale_limit{60'000};
  std::size_t ocsp_cache_answers = 100'000;
  Milliseconds crl_lifetime{86'400'000};
  Milliseconds inventory_retention{730LL * 86'400'000};
  Milliseconds clock_tolerance{5'000};

  Milliseconds own_certificate_lifetime{7LL * 86'400'000};  // TLS and OCSP responder of each process

  std::size_t body_bytes = 64 * 1024;
  Milliseconds header_timeout{10'000};
  Milliseconds body_timeout{30'000};
  Milliseconds idle_timeout{75'000};
  Milliseconds drain_timeout{20'000};
  std::size_t append_queue = 20'000;

  // Daemons alone: `quicklime serve` keeps its log and its views in the data directory.
  ListenAddress bootstrap{"", 0, false};
  std::string issuance_url;
  std::string kafka_bootstrap_servers = "127.0.0.1:9092";
  std::string kafka_topic = "quicklime";
  bool kafka_allow_single_replica = false;
  bool kafka_flush_every_event = false;
  std::vector<std::string> kafka_client{};
  Milliseconds kafka_append_wait{10'000};
  Milliseconds kafka_socket_timeout{5'000};
  Milliseconds kafka_question_timeout{5'000};
  Milliseconds kafka_message_timeout{120'000};
  std::string redis_host = "127.0.0.1";
  unsigned redis_port = 6379;
  std::string redis_unix_socket;
  std::string redis_user;
  std::string redis_password_file;
  bool redis_tls = false;
  std::string redis_roots_file;
  std::string redis_key_prefix = "quicklime:";
  Milliseconds redis_connect_deadline{500};
  Milliseconds redis_projector_deadline{1'000};
  Milliseconds redis_read_deadline{250};  // a container that has used up its share of a processor stands still for 100 ms
};

// One row per key: drives reading, refusing unknown keys (with the nearest known one), `quicklime.toml` as init writes it,
// and docs/configuration.md.
struct Setting {
  std::string key;           // "ocsp.lifetime"
  std::string kind;          // "duration", "address", "count", "text", "texts", "flag", "choice: debug, info, ..."
  std::string default_text;  // as it stands in TOML: "1h" with its quotes
  std::string meaning;       // one sentence
};
const std::vector<Setting>& settings();
std::string settings_markdown();

// The quicklime.toml that init writes: public_url, what else is given (key to value, as TOML has it), and everything else as a
// comment with its default.
std::string initial_configuration(std::string_view public_url, const std::map<std::string, std::string>& given = {});

// A missing file is an error ("configuration-missing"); every error names file, line, key and what would be right:
// "setting-unknown", "setting-invalid", and "configuration-malformed" of base/toml.hpp.
Result<Configuration> load_configuration(const std::filesystem::path& file);
Result<Configuration> parse_configuration(std::string_view toml, std::string_view file_name);

}  // namespace quicklime::runtime
