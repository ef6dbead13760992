#pragma once
// One whole CA in this process: log, views, a site for every role. `serve` puts endpoints around it; a command that finds nothing
// serving dispatches to the same routes directly.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "access/denials.hpp"
#include "all_in_one/log_verification.hpp"
#include "async/pools.hpp"
#include "base/metrics.hpp"
#include "ca/authorities.hpp"
#include "ca/issue.hpp"
#include "eventlog/event_log.hpp"
#include "eventlog/event_writer.hpp"
#include "installation/data_directory.hpp"
#include "runtime/clock_watch.hpp"
#include "runtime/process_settings.hpp"
#include "runtime/responders.hpp"
#include "runtime/site.hpp"
#include "views/runner.hpp"

namespace quicklime::all_in_one {

// Opened in this order, which is also why it is safe: the lock, so that nobody else writes; the configuration; the log; the
// views and their runner; when the issuing role's view is at the log's end, by which all of them know the authorities and keys, the
// services; and each answers from when its own view is there. Destroyed in reverse, after everything that dispatches to it (server,
// background coroutines) is gone.
class Embedded {
 public:
  struct Options {
    installation::DataDirectory directory;
    std::string command;                                                    // for the lock: "serve"
    Milliseconds patience{5'000};                                           // for the lock
    std::function<void(runtime::ProcessSettings&)> adjust{};                // what the command line says over the file
    std::function<void(std::uint64_t done, std::uint64_t all)> progress{};  // while views are folded
    std::function<bool()> interrupted{};                                    // asked while views are folded
    bool in_turns = false;  // views that are behind are folded one after the other, rather than together and sooner
  };
  // Whole: every role's view is at the log's end. Named and refused: a log that was sealed to be moved ("log-sealed"); a view of another
  // log, a log cut below a view, an altered event ("view-stopped"); a view file that is no database; keys that are missing or that others
  // may read.
  static Result<std::unique_ptr<Embedded>> open(Options options);
  // The same in steps, for who serves meanwhile. After begin the views are being folded; in turns: that of the role that certifies this
  // process first, then those that are asked over plain HTTP.
  static Result<std::unique_ptr<Embedded>> begin(Options options);
  // Waits for the first of them; then every role has its routes, and answers "view-not-ready" until its own view is there.
  Result<void> make_services();
  // Until every role's view is there, or has stopped: "view-stopped".
  Result<void> wait_for_views();
  // What a role answers whose view is not there yet: "view-not-ready" with how far it is, or "view-stopped".
  Error not_ready(const std::string& role) const;
  ~Embedded();
  Embedded(const Embedded&) = delete;
  Embedded& operator=(const Embedded&) = delete;

  const std::vector<std::unique_ptr<runtime::Site>>& sites() const { return sites_; }

  const installation::DataDirectory& directory() const { return options_.directory; }
  const runtime::ProcessSettings& settings() const { return configuration_.of<runtime::ProcessSettings>(); }
  const quicklime::settings::Configuration& configuration() const { return configuration_; }
  ca::Authorities& authorities() { return authorities_; }  // as the certifying role's view has them
  const std::shared_ptr<ca::SigningKeys>& signing_keys() const { return signing_keys_; }
  const Clock& clock() const { return clock_; }
  uid_t owner() const { return owner_; }
  metrics::Registry& metrics() { return metrics_; }
  async::Pools& pools() { return *pools_; }
  eventlog::EventLog& log() { return *log_; }
  views::Runner& runner() { return *runner_; }
  runtime::Site& certifying_site() { return *certifying_; }  // of the role that certifies this process
  ca::Issuer& issuer() { return *certifying_->issuer(); }    // after make_services
  access::Denials& denials() { return *denials_; }
  runtime::ClockWatch& clocks() { return *clocks_; }
  runtime::Responders& responders() { return responders_; }
  LogVerification& verification() { return *verification_; }
  // The calling thread's readers of every view and of the log: opened before strangers may have taken the descriptors.
  async::Task<void> open_readers();

 private:
  explicit Embedded(Options options) : options_(std::move(options)) {}
  Result<void> open_log();
  Result<void> open_views();
  Result<void> wait_for(const std::vector<const runtime::Site*>& sites) const;
  bool is_fresh(const views::Meta& meta) const;
  void applied_to_view(const views::Applied& applied);  // on the projection thread

  Options options_;
  std::unique_ptr<installation::DirectoryLock> lock_;
  quicklime::settings::Configuration configuration_;
  uid_t owner_ = 0;
  SystemClock clock_;
  metrics::Registry metrics_;
  std::unique_ptr<eventlog::EventLog> log_;
  std::unique_ptr<LogVerification> verification_;
  std::vector<std::unique_ptr<runtime::Site>> sites_;
  runtime::Site* certifying_ = nullptr;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  std::mutex listeners_mutex_;
  bool listening_ = false;  // services are there and hear of their views
  std::unique_ptr<views::Runner> runner_;
  ca::Authorities authorities_;
  std::shared_ptr<ca::SigningKeys> signing_keys_;
  std::unique_ptr<async::Pools> pools_;
  std::unique_ptr<eventlog::EventWriter> writer_;
  std::unique_ptr<access::Denials> denials_;
  std::unique_ptr<runtime::ClockWatch> clocks_;
  runtime::Responders responders_;
  std::shared_ptr<access::Exchanges> exchanges_ = std::make_shared<access::Exchanges>();
  std::unique_ptr<api::FailureLimit> failures_;
  std::unique_ptr<api::IdentityLimit> identities_;
};

// "view ocsp stopped: ...", with what to do about it; empty: every view goes on.
std::string stopped_views(const std::vector<views::Runner::Status>& status);

}  // namespace quicklime::all_in_one
