#pragma once
// Who may call a daemon: by the name in the client certificate of its own CA (architecture section 8), as peers.toml says:
//
//   [issuance]
//   accepts = ["gateway"]

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "ca/authority.hpp"
#include "http/message.hpp"

namespace quicklime::runtime {

// The names that `role` accepts. "configuration-missing"; "setting-unknown" for anything but <role>.accepts; a role without
// a table accepts nobody, and is refused ("setting-invalid") so that nobody has to guess why.
Result<std::vector<std::string>> load_peers(const std::filesystem::path& file, const std::string& role);

// The guard of a router between daemons. Any thread.
class Peers {
 public:
  Peers(std::vector<std::string> accepts, std::vector<ca::Authority> authorities, const Clock& clock);
  // Over TLS: a certificate of these authorities, valid now, with a name that is accepted: else "peer-unknown" (its
  // certificate is not ours or not valid) or "peer-not-accepted", both 403.
  Result<void> admit(const http::Request& request) const;

 private:
  Result<std::string> identify(const std::string& certificate) const;  // its first DNS name

  std::vector<std::string> accepts_;
  std::vector<pki::Certificate> intermediates_, roots_;
  const Clock& clock_;
  // Paths that were found to hold, until they expire: a peer calls often, and has one certificate.
  struct Known {
    std::string name;
    Instant not_after;
  };
  mutable std::mutex mutex_;
  mutable std::map<std::string, Known> known_;
};

}  // namespace quicklime::runtime
