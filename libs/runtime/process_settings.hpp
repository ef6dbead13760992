#pragma once
// What every process goes by, whatever it does: where it listens, what it says, how long it waits.

#include <cstdint>
#include <string>

#include "base/instant.hpp"
#include "base/logging.hpp"
#include "settings/listen_address.hpp"

namespace quicklime::settings {
struct Rows;
}

namespace quicklime::runtime {

struct ProcessSettings {
  std::string public_url;  // "http://ca.internal:8080": what stands in certificates; asked or derived at init
  std::string server_url;  // "https://ca.internal": runtime/server_url.hpp; "": derived

  settings::ListenAddress https{"", 8443};
  settings::ListenAddress http{"", 8080};
  settings::ListenAddress admin{"127.0.0.1", 9090};
  settings::ListenAddress bootstrap{"", 0, false};
  unsigned threads = 0;  // 0: one per core

  log::Level log_level = log::Level::info;
  log::Format log_format = log::Format::text;

  unsigned authentication_failures = 50;  // of one address in a second; 0: any number
  unsigned requests_per_identity = 0;     // of one identity in a second; 0: any number
  Milliseconds clock_tolerance{5'000};

  Milliseconds own_certificate_lifetime{7LL * 86'400'000};  // TLS and OCSP responder of each process
  std::string own_certificate_key_kind = "P-256";           // of crypto::key_kinds()
  std::string issuance_url;                                 // of daemons
  std::string identity_url;                                 // likewise

  std::size_t body_bytes = 64 * 1024;
  Milliseconds header_timeout{10'000};
  Milliseconds body_timeout{30'000};
  Milliseconds idle_timeout{75'000};
  Milliseconds drain_timeout{20'000};
  std::size_t append_queue = 20'000;
};
settings::Rows process_rows();

}  // namespace quicklime::runtime
