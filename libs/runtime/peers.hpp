#pragma once
// Who may call a daemon: by the role in the client certificate of its own CA (ca/role_uri.hpp, architecture section 8), as
// peers.toml says, where there is one:
//
//   [issuance]
//   accepts = ["gateway"]

#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.hpp"
#include "ca/authorities.hpp"
#include "http/message.hpp"
#include "runtime/service.hpp"

namespace quicklime::runtime {

// The names that `role` accepts: by_default without such a file. "setting-unknown" for anything but <role>.accepts; a role without
// a table accepts nobody, and is refused ("setting-invalid") so that nobody has to guess why.
Result<std::vector<std::string>> load_peers(const std::filesystem::path& file, const std::string& role,
                                            const std::vector<std::string>& by_default);

// Whether a peer may go on asking when its authority, and so all of this CA, is revoked. Those of roles that make certificates may
// not; clients learn of it, list what they have and revoke through the peers of the others.
enum class OfRevokedAuthority : std::uint8_t { refused, admitted };

// The guard of a router between daemons. Any thread.
class Peers {
 public:
  // authorities: live longer. status: where this role's view has the status of a certificate; the compromised keys stand in the same space
  // of every view. complete: as Definition::view, how complete the view must be to be asked: `since_start`, or `once` for a role that
  // serves also from a view that was complete only before this process began.
  Peers(std::vector<std::string> accepts, ca::Authorities& authorities, const Clock& clock, views::View& view, CertificateStatus status,
        views::Complete complete = views::Complete::since_start, OfRevokedAuthority of_revoked_authority = OfRevokedAuthority::refused);
  // Over TLS: a certificate of these authorities, valid now, for a role that is accepted, neither revoked nor on hold by the view
  // of a second ago, and of a key that was not reported as compromised with any certificate: else "peer-unknown" (its certificate is not
  // ours, not valid, or of no role), "peer-revoked" or "peer-not-accepted", all 403; "authority-revoked" (conflict) as OfRevokedAuthority
  // says. When the view cannot be read the last that it said holds; of a peer that it was not asked about yet nothing holds, and the view's
  // error comes back.
  // denials: where a refusal of who has a certificate of ours is recorded (is_recorded); null: nowhere.
  async::Task<Result<void>> admit(const http::Request& request, access::Denials* denials = nullptr) const;

 private:
  struct Known {
    std::string role;
    SerialNumber serial;
    AuthorityId authority;
    std::vector<views::PointKey> standing;  // standing_points of its certificate
    Instant not_after;
    bool seen = false;  // the view has said something of it
    bool good = false;
    Result<void> authority_good{};
    std::chrono::steady_clock::time_point asked{};
  };
  async::Task<Result<void>> judge(const http::Request& request, std::optional<events::Actor>& somebody) const;
  // By the authorities that are known; where it is of none of them, by those that the view has now.
  async::Task<Result<Known>> verify(const std::string& certificate) const;
  Result<Known> verify_by(const std::vector<ca::Authority>& authorities, const std::string& certificate) const;

  std::vector<std::string> accepts_;
  ca::Authorities& authorities_;
  const Clock& clock_;
  views::View& view_;
  CertificateStatus status_;
  views::Complete complete_;
  OfRevokedAuthority of_revoked_authority_;
  // Paths that were found to hold, until they expire: a peer calls often, and has one certificate.
  mutable std::mutex mutex_;
  mutable std::map<std::string, Known> known_;
};

}  // namespace quicklime::runtime
