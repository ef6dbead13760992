#pragma once
// The process of one role in the distributed shape: the log in Kafka, this role's view in Redis, its own certificates, its
// peers. `quicklime-<role>` is daemon_main over its definition; nothing is kept in a replica that another one needs.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/denials.hpp"
#include "installation/data_directory.hpp"
#include "installation/highest_seen.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/expiries.hpp"
#include "runtime/health.hpp"
#include "runtime/own_certificates.hpp"
#include "runtime/peers.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/responders.hpp"
#include "runtime/site.hpp"

namespace quicklime::runtime {

// Its parts, in the order in which they come to be: configure, connect until it succeeds, surround_site, make_service until it succeeds,
// each on the main thread. Everything lives as long as the process serves.
class Daemon {
 public:
  explicit Daemon(Definition definition);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Configuration and lock; nothing that waits for others. of_others: what quicklime.toml may say for roles that run elsewhere.
  Result<void> configure(const installation::DataDirectory& directory, std::vector<quicklime::settings::Rows> of_others);
  // One attempt to reach log and view. `unavailable`: try again.
  Result<void> connect();
  // Once, after connect: what its site needs.
  void surround_site();
  // One attempt to make the role's service, with the plan of its certificates, which own().start() then gets. `unavailable`: try again, the
  // view did not say what keys are counted on.
  Result<void> make_service();

  const Definition& definition() const { return definition_; }
  const installation::DataDirectory& directory() const { return directory_; }
  const ProcessSettings& settings() const { return configuration_.of<ProcessSettings>(); }
  const Clock& clock() const { return clock_; }
  uid_t owner() const { return owner_; }  // of the directory
  // As the view has them now.
  ca::Authorities& authorities() { return authorities_; }
  Site& site() { return *site_; }
  OwnCertificates& own() { return *own_; }
  metrics::Registry& metrics() { return metrics_; }
  Expiries& expiries() { return expiries_; }
  access::Denials& denials() { return *denials_; }
  ClockWatch& clocks() { return *clocks_; }
  std::string warnings() const;  // for admin_routes

  // /readyz: started, where writing is its work the log takes events, view readable and fresh, certificates good. Any thread, at any time.
  std::vector<Check> checks();
  // For ever: looks at the view each second, for the checks, and keeps how far it has come.
  async::Task<void> watch_view();
  // For ever: the authorities follow the view, their keys the files.
  async::Task<void> keep_authorities();
  void started() { started_ = true; }
  void stopping() { highest_seen_->write(); }

 private:
  void plan_own_certificates();
  Result<void> view_check() const;

  Definition definition_;
  installation::DataDirectory directory_;
  std::unique_ptr<installation::DirectoryLock> lock_;
  quicklime::settings::Configuration configuration_;
  uid_t owner_ = 0;
  SystemClock clock_;
  metrics::Registry metrics_;
  Expiries expiries_{clock_, metrics_};
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<installation::HighestSeen> highest_seen_;
  ca::Authorities authorities_;
  std::shared_ptr<ca::SigningKeys> signing_keys_{};  // null: this process holds none
  std::unique_ptr<async::Pools> pools_;
  std::unique_ptr<eventlog::EventWriter> writer_;
  std::unique_ptr<access::Denials> denials_;
  std::unique_ptr<ClockWatch> clocks_;
  Responders responders_;
  std::shared_ptr<access::Exchanges> exchanges_ = std::make_shared<access::Exchanges>();
  std::unique_ptr<api::FailureLimit> failures_;
  std::unique_ptr<api::IdentityLimit> identities_;
  std::unique_ptr<Site> site_;
  std::unique_ptr<OwnCertificates> own_;

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
// issuance as long as they are not there, and at its end for http.drain_timeout at most for the answers under way.
int daemon_main(int argc, char** argv, Definition definition, std::vector<settings::Rows> of_others);

}  // namespace quicklime::runtime
