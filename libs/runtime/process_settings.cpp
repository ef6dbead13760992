#include "runtime/process_settings.hpp"

#include <algorithm>

#include "crypto/key_kind.hpp"
#include "settings/rows.hpp"

namespace quicklime::runtime {
namespace {

using settings::Row;
using settings::Rows;

// It is appended to ("/ocsp") and stands in certificates for years.
Result<void> check_public_url(const ProcessSettings& process) {
  const std::string& url = process.public_url;
  if (url.empty()) return {};
  const std::size_t scheme = url.starts_with("http://") ? 7 : url.starts_with("https://") ? 8 : 0;
  if (scheme == 0 || url.size() == scheme || url[scheme] == '/' || url[scheme] == ':' || url.ends_with('/') ||
      std::any_of(url.begin(), url.end(), [](char c) { return c <= ' ' || c > '~' || c == '?' || c == '#' || c == '"' || c == '\\'; })) {
    return fail(ErrorCode::invalid, "setting-invalid",
                "http://HOST, http://HOST:PORT or one with a path is expected, without a final '/', not '" + url + "'", "public_url");
  }
  return {};
}

// It is appended to as well ("/v1/sign-in/"), and browsers follow it.
Result<void> check_server_url(const ProcessSettings& process) {
  const std::string& url = process.server_url;
  constexpr std::string_view kScheme = "https://";
  const bool is_one =
      url.starts_with(kScheme) && url.size() > kScheme.size() && std::all_of(url.begin() + kScheme.size(), url.end(), [](char c) {
        return c > ' ' && c <= '~' && std::string_view("/?#\"\\@").find(c) == std::string_view::npos;
      });
  if (url.empty() || is_one) return {};
  return fail(ErrorCode::invalid, "setting-invalid", "https://HOST or https://HOST:PORT is expected, without a path, not '" + url + "'",
              "server_url");
}

Result<void> check_process(const ProcessSettings& process) {
  if (const auto kind = crypto::parse_key_kind(process.own_certificate_key_kind); !kind) {
    return fail(ErrorCode::invalid, "setting-invalid", kind.error().detail, "own_certificate.key_kind");
  }
  if (auto checked = check_public_url(process); !checked) return checked;
  return check_server_url(process);
}

}  // namespace

Rows process_rows() {
  std::vector<Row<ProcessSettings>> rows{
      {"public_url", &ProcessSettings::public_url,
       "Where clients reach OCSP, CRLs and CA certificates over plain HTTP: it stands in every certificate, so it cannot be taken back."},
      {"server_url", &ProcessSettings::server_url,
       "Where people reach this CA over TLS, if that is a gateway: https://ca.internal. One-time URLs lead there, and providers back to "
       "it. "
       "Without: the host of public_url, at the port of listen.https."},
      {"threads", &ProcessSettings::threads, "I/O threads, each with its own connections; 0 means one per core.", 0, 256},
      {"listen.https", &ProcessSettings::https, "Where everything is served over TLS; empty: nowhere."},
      {"listen.http", &ProcessSettings::http, "Where OCSP, CRLs and CA certificates are served over plain HTTP; empty: nowhere."},
      {"listen.admin", &ProcessSettings::admin, "Where /livez, /readyz and /metrics are served, to whoever can connect; empty: nowhere."},
      {"listen.bootstrap", &ProcessSettings::bootstrap,
       "Where issuance certifies daemons and gateways over TLS, for their bootstrap tokens or for the certificates that they have; nobody "
       "else's are taken there. Empty: nowhere."},
      {"log.level", &ProcessSettings::log_level,
       "The least important line that is written to standard error; debug: also one of each event, where it is written and where it is "
       "folded."},
      {"log.format", &ProcessSettings::log_format, "Lines for people, or one JSON object a line."},
      {"limits.authentication_failures", &ProcessSettings::authentication_failures,
       "How often one address (an IPv6 network of 64 bits) may fail to say who it is in a second; then 429. 0: any number. Behind a proxy "
       "of your own all clients have its address.",
       0, 65'535},
      {"limits.requests_per_identity", &ProcessSettings::requests_per_identity,
       "How often one identity (a token, or who proves to hold a certificate) may ask each process in a second; then 429. 0: any number. A "
       "front end counts by the requester for whom it asks (`Quicklime-On-Behalf-Of`), and in all as sixteen of them.",
       0, 65'535},
      {"clock.tolerance", &ProcessSettings::clock_tolerance,
       "How far this process's clock, the store's and the newest events' may be apart before it is said.", 100, settings::kHour},
      {"own_certificate.lifetime", &ProcessSettings::own_certificate_lifetime,
       "Of the process's own TLS and OCSP responder certificates, renewed at two thirds without a restart.", 3 * settings::kSecond,
       30 * settings::kDay},
      {"own_certificate.key_kind", &ProcessSettings::own_certificate_key_kind,
       "Of the keys of these: one of " + crypto::key_kind_list() + ". Some clients of OCSP know neither P-521 nor Ed25519."},
      {"own_certificate.issuance_url", &ProcessSettings::issuance_url,
       "Daemons: where issuance listens for bootstrap tokens: `https://issuance:8444`. Issuance itself does not need it."},
      {"identity.url", &ProcessSettings::identity_url,
       "Where a daemon has passwords and assertions exchanged: quicklime-identity, https://identity:8443. Without, its role takes tokens "
       "and "
       "sessions alone."},
      {"http.body_bytes", &ProcessSettings::body_bytes, "The largest request body; more is answered 413.", 1024, 64 * 1024 * 1024},
      {"http.header_timeout", &ProcessSettings::header_timeout, "For a TLS handshake, and for a request's headers.", 1, settings::kHour},
      {"http.body_timeout", &ProcessSettings::body_timeout, "For a request's body.", 1, settings::kHour},
      {"http.idle_timeout", &ProcessSettings::idle_timeout, "Between two requests of one connection.", 1, settings::kDay},
      {"http.drain_timeout", &ProcessSettings::drain_timeout, "After SIGTERM, for the answers under way.", 0, settings::kHour},
      {"event_log.append_queue", &ProcessSettings::append_queue, "How many events may wait to be written; more are answered 503.", 1,
       10'000'000},
  };
  return Rows::of<ProcessSettings>(std::move(rows), {}, check_process);
}

}  // namespace quicklime::runtime
