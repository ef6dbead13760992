#pragma once
// Making a CA: keys, certificates, configuration, and a log that begins with them.

#include <filesystem>
#include <optional>
#include <string>

#include "base/instant.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/key.hpp"
#include "installation/data_directory.hpp"
#include "pki/certificate.hpp"

namespace quicklime::installation {

struct InitOptions {
  DataDirectory directory;
  std::string organization;   // "Acme Corp"
  std::string public_url;     // "http://ca.internal:8080": what stands in certificates
  std::string configuration;  // quicklime.toml as it will stand there
  Milliseconds backdate;      // of the root's CRL: for those whose clocks are behind
  crypto::KeyKind key_kind = crypto::KeyKind::p256;
  std::optional<pki::NameConstraints> permitted{};  // names that its authorities may certify; none: any
  std::filesystem::path root_key_out{};             // empty: ca/root.key
  Secret root_key_passphrase{};                     // empty: not encrypted
  bool for_daemons = false;                         // its log is to be elsewhere: first-events.jsonl, and no log.db
};

struct MadeAuthorities {
  pki::Certificate root;
  pki::Certificate issuing;
  std::filesystem::path root_key;  // where it is now
};

// Builds everything beside the target and renames it into place last: a crash leaves a whole CA or none, and what it leaves
// beside the target is removed by the next init; not so a root_key_out, which a failure takes away and a crash may leave.
// Refuses a target that is there and not empty ("data-directory-exists"), one that cannot be made ("directory-not-writable"), and a
// root_key_out that exists ("file-exists"). Blocks.
Result<MadeAuthorities> init(const InitOptions& options);

// Of a CA that was made for daemons, until import_log (moving.hpp) has brought it to Kafka: its sealed log.
std::filesystem::path first_events(const DataDirectory& directory);

// "http://<this machine's name>:8080", for an init that was not told.
std::string derived_public_url();

}  // namespace quicklime::installation
