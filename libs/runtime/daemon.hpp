#pragma once
// The process of one role in the distributed shape: the log in Kafka, this role's view in Redis, its own certificates, its
// peers. `quicklime-<role>` is daemon_main over the role; nothing is kept in a replica that another one needs.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/denials.hpp"
#include "access/identity.hpp"
#include "ca/issue.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/data_directory.hpp"
#include "runtime/expiries.hpp"
#include "runtime/health.hpp"
#include "runtime/highest_seen.hpp"
#include "runtime/own_certificates.hpp"
#include "runtime/peers.hpp"
#include "runtime/responders.hpp"
#include "runtime/service.hpp"

namespace quicklime::runtime {

class Daemon;

// What a role is, for its daemon. All of it is in services/<role>/main.cpp.
struct DaemonRole {
  std::string name;  // as its peers know it, and its certificate: "ocsp", "dashboard-api"
  views::Projection projection;
  enum class Log : std::uint8_t {
    is_its_work,  // it answers by appending: not ready when the log takes no events
    is_used,      // it appends too, and what it reads is good without
    is_not_used
  } log = Log::is_its_work;
  // Who may be asked with an old view, see access::StaleTokens.
  access::StaleTokens stale_tokens = access::StaleTokens::refused;
  // With what view it can begin. since_start: it waits for its projector; once: it goes by what was complete before.
  views::Complete view = views::Complete::since_start;
  // Whether it is ready while Redis cannot be reached: until what it keeps is older than ocsp.stale_limit, or as long as it lives,
  // however old the view is (what it keeps says itself until when it may be given).
  enum class WithoutView : std::uint8_t { not_ready, until_stale, ready } without_view = WithoutView::not_ready;
  OfRevokedAuthority peers_of_revoked_authority = OfRevokedAuthority::refused;
  bool control_socket = false;  // control.sock in the data directory, whose owner is administrator: the first token, the root's CRL
  // Loads the keys of this role, says which certificates of its own it has, makes its service.
  std::function<Result<Service>(Daemon& daemon)> make_service;
};

// Its parts, in the order in which they come to be. Everything lives as long as the process serves.
class Daemon {
 public:
  explicit Daemon(DaemonRole role);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Configuration and lock; nothing that waits for others.
  Result<void> configure(const DataDirectory& directory);
  // One attempt to reach log and view. `unavailable`: try again.
  Result<void> connect();
  // The role's service and its certificates. `unavailable`: issuance cannot be reached yet, try again.
  Result<void> make_service();

  const DaemonRole& role() const { return role_; }
  const DataDirectory& directory() const { return directory_; }
  const Configuration& configuration() const { return configuration_; }
  const Clock& clock() const { return clock_; }
  uid_t owner() const { return owner_; }  // of the directory
  // As the view had them at the start.
  const std::vector<ca::Authority>& authorities() const { return authorities_; }
  const ServiceContext& context() const { return *context_; }
  // The same, for who comes without a certificate, or to have it renewed: tokens of daemons, their own certificates, nothing else.
  ServiceContext bootstrap_context() const;
  Responders& responders() { return responders_; }
  OwnCertificates& own() { return *own_; }
  const Service& service() const { return service_; }
  metrics::Registry& metrics() { return metrics_; }
  Expiries& expiries() { return expiries_; }
  access::Denials& denials() { return *denials_; }
  ClockWatch& clocks() { return *clocks_; }
  std::string warnings() const;  // for admin_routes

  // Of its directory, held against what its view says that certificates count on.
  Result<ca::RevocationKeys> revocation_keys() const;
  // With the issuing key and the revocation keys of its directory, over its view. renews: see ca::IssuePolicy.
  Result<std::shared_ptr<ca::Issuer>> make_issuer(bool renews) const;
  // A TLS certificate for this role's names, to be made by issuance for the one that this process has, or for its bootstrap token.
  void certify_by_issuance();
  OwnCertificate::Certify by_issuance(const std::string& profile) const;

  // /readyz: started, where writing is its work the log takes events, view readable and fresh, certificates good. Any thread, at any time.
  std::vector<Check> checks();
  // For ever: looks at the view each second, for the checks, and keeps how far it has come.
  async::Task<void> watch_view();
  void started() { started_ = true; }
  void stopping() { highest_seen_->write(); }

 private:
  Result<void> view_check() const;

  DaemonRole role_;
  DataDirectory directory_;
  std::unique_ptr<DirectoryLock> lock_;
  Configuration configuration_;
  uid_t owner_ = 0;
  SystemClock clock_;
  metrics::Registry metrics_;
  Expiries expiries_{clock_, metrics_};
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<views::ViewStore> store_;
  std::unique_ptr<views::View> view_;
  std::unique_ptr<HighestSeen> highest_seen_;
  std::vector<ca::Authority> authorities_;
  std::unique_ptr<async::OffloadPool> offload_;
  std::unique_ptr<eventlog::EventWriter> writer_;
  std::unique_ptr<access::Denials> denials_;
  std::unique_ptr<access::Access> access_, process_access_;
  std::unique_ptr<ClockWatch> clocks_;
  std::optional<ServiceContext> context_;
  Responders responders_;
  std::unique_ptr<OwnCertificates> own_;
  Service service_;

  std::atomic<bool> started_{false};
  struct Seen {
    Result<views::Meta> meta;
    Instant at;
  };
  mutable std::mutex mutex_;
  std::optional<Seen> seen_;
  std::optional<Seen> last_good_;  // the last that was read
};

// Until SIGTERM; the process's exit code. Serves /livez, /readyz and /metrics from its first moment, waits for log, view and
// issuance as long as they are not there, and for 25 s at most for the answers under way when it ends.
int daemon_main(int argc, char** argv, DaemonRole role);

}  // namespace quicklime::runtime
