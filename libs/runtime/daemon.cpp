#include "runtime/daemon.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/file.hpp"
#include "base/logging.hpp"
#include "ca/role_uri.hpp"
#include "eventlog/seal.hpp"
#include "runtime/backend_settings.hpp"
#include "runtime/backends.hpp"
#include "runtime/certificate_standing.hpp"
#include "runtime/known_settings.hpp"
#include "runtime/remote_exchange.hpp"
#include "runtime/shared_settings.hpp"

namespace quicklime::runtime {
namespace {

// How long ago the view may have been looked at last: three looks missed.
constexpr Milliseconds kLookInterval{1'000}, kLookMissed{3'500};

// Of a role that neither writes events nor reads them back.
class NoLog final : public eventlog::EventLog {
 public:
  const LogId& id() const override { return id_; }
  async::Task<Result<Position>> append(std::string, eventlog::PersistBy) override { co_return none(); }
  Result<Position> end() override { return none(); }
  Result<eventlog::Entry> read_one(std::uint64_t) override { return none(); }
  Result<std::unique_ptr<eventlog::LogReader>> follow(const std::optional<eventlog::Anchor>&) override { return none(); }

 private:
  static Failure none() { return fail(ErrorCode::internal, "log-not-used", "this role has no log"); }
  LogId id_{""};
};

// Which one issuance signs with, as far as can be told from here.
const ca::Authority& newest_in_use(const std::vector<ca::Authority>& authorities) {
  const auto found = std::find_if(authorities.rbegin(), authorities.rend(),
                                  [](const ca::Authority& authority) { return authority.parent && !authority.retired; });
  return found == authorities.rend() ? authorities.back() : *found;
}

}  // namespace

Daemon::Daemon(Definition definition) : definition_(std::move(definition)) {}

Daemon::~Daemon() {
  exchanges_->set(nullptr);
  if (site_) site_->end_service();  // its handlers refer to everything else
}

Result<void> Daemon::configure(const installation::DataDirectory& directory, std::vector<quicklime::settings::Rows> of_others) {
  directory_ = directory;
  auto lock = installation::DirectoryLock::take(directory, "quicklime-" + definition_.process_name(), Milliseconds(5'000));
  if (!lock) return forward(lock);
  lock_ = std::move(*lock);
  if (definition_.rows) of_others.push_back(*definition_.rows);
  auto configuration = quicklime::settings::load_configuration(directory.configuration(), known_settings(std::move(of_others)));
  if (!configuration) return forward(configuration);
  configuration_ = std::move(*configuration);
  log::configure(settings().log_level, settings().log_format, "quicklime-" + definition_.process_name());

  struct stat status {};
  if (::stat(directory.root.c_str(), &status) != 0) {
    return fail(ErrorCode::not_found, "data-directory-missing", "cannot look at " + directory.root.string());
  }
  owner_ = status.st_uid;
  auto store = open_view_store(configuration_, definition_.projection, views::RedisRun::follow);
  if (!store) return forward(store);
  site_ = std::make_unique<Site>(definition_, *std::move(store), views::View::Notified::by_polling);
  auto seen = installation::HighestSeen::open(directory.highest_seen());
  if (!seen) return forward(seen);
  highest_seen_ = std::move(*seen);
  if (const auto anchor = highest_seen_->anchor()) site_->view().never_below(anchor->log_id, anchor->position);
  pools_ = std::make_unique<async::Pools>();
  metrics_.gauge("quicklime_view_age_seconds",
                 "How old the view was at the last look, by its own clock; -1 when it could not be read or was never complete",
                 [this] {
                   const std::lock_guard held(mutex_);
                   if (!seen_ || !seen_->meta) return -1.0;
                   const auto age = views::age(*seen_->meta);
                   return age ? static_cast<double>(age->count()) / 1000 : -1.0;
                 },
                 {{"view", definition_.name()}});
  return {};
}

Result<void> Daemon::connect() {
  if (!log_ && definition_.log == Definition::Log::is_not_used) log_ = std::make_unique<NoLog>();
  if (!log_) {
    const auto options = kafka_options(configuration_);
    if (!options) return forward(options);
    auto log = eventlog::open_kafka_log(*options, metrics_);
    if (!log) return forward(log);
    if (auto open = eventlog::require_open(**log); !open) return open;
    if (auto whole = highest_seen_->check(**log); !whole) return whole;
    log_ = std::move(*log);
  }
  const auto read = async::run_to_end(site_->view().get({ca::authorities_key()}, definition_.view));
  if (!read) return forward(read);
  if (definition_.log != Definition::Log::is_not_used && read->meta.anchor.log_id != log_->id()) {
    return fail(ErrorCode::verification_failed, "view-foreign",
                "the view " + definition_.name() + " in Redis was folded from another log than the topic " +
                    configuration_.of<KafkaSettings>().topic + "; give each log a redis.key_prefix of its own, or empty this view");
  }
  auto authorities = ca::decode_authorities(read->values.front());
  if (!authorities) return forward(authorities);
  if (authorities->empty()) return fail(ErrorCode::unavailable, "authorities-missing", "the view has met no authority yet");
  authorities_ = std::move(*authorities);
  return {};
}

void Daemon::surround_site() {
  writer_ = std::make_unique<eventlog::EventWriter>(*log_, clock_);
  denials_ = std::make_unique<access::Denials>(*writer_, clock_);
  failures_ = std::make_unique<api::FailureLimit>(settings().authentication_failures, metrics_);
  identities_ = std::make_unique<api::IdentityLimit>(settings().requests_per_identity, metrics_);
  {
    const std::lock_guard lock(mutex_);
    clocks_ = std::make_unique<ClockWatch>(*log_, site_->view(), clock_, pools_->log, metrics_, settings().clock_tolerance);
  }
  site_->surround({directory_,
                   owner_,
                   authorities_,
                   *log_,
                   *writer_,
                   *denials_,
                   *clocks_,
                   responders_,
                   *failures_,
                   *identities_,
                   clock_,
                   *pools_,
                   metrics_,
                   configuration_,
                   site_->view(),
                   true,
                   highest_seen_.get(),
                   {},
                   exchanges_});
}

Result<void> Daemon::make_service() {
  if (auto made = site_->make_service(); !made) return made;
  if (site_->service().exchange) {
    exchanges_->set(site_->service().exchange);
  } else if (!settings().identity_url.empty()) {
    exchanges_->set(exchange_at({settings().identity_url, directory_.ca() / "root.crt", directory_.own() / "tls"}, clock_));
  }
  const std::lock_guard lock(mutex_);
  own_ = std::make_unique<OwnCertificates>(
      directory_.own(), settings().own_certificate_lifetime, *crypto::parse_key_kind(settings().own_certificate_key_kind),
      newest_in_use(authorities_), clock_, [this](pki::Certificate certificate) {
        return is_taken_back(site_->view(), site_->service().certificate_status, authorities_, std::move(certificate));
      });
  plan_own_certificates();
  expiries_.add([this] { return expiries_of(authorities_); });
  expiries_.add([this] { return own_->expiries(); });
  if (site_->service().expiries) expiries_.add([this] { return site_->service().expiries(); });
  return {};
}

void Daemon::plan_own_certificates() {
  const auto names = daemon_names(definition_.process_name());
  const auto certify = [&](const char* profile) {
    if (definition_.certifies_daemons) return certified_here(*site_->issuer(), clock_, profile);
    return certified_by({.url = settings().issuance_url,
                         .roots_file = directory_.ca() / "root.crt",
                         .token_file = directory_.root / "bootstrap.token",
                         .own = directory_.own() / "tls",
                         .profile = profile},
                        clock_);
  };
  own_->add_tls("tls", names, certify(ca::kRolePeerProfile), async::ClientCertificate::required);
  if (definition_.certifies_daemons && settings().bootstrap.enabled)
    own_->add_tls("bootstrap", names, certify(ca::kRolePeerProfile), async::ClientCertificate::asked_for);
  if (!definition_.ocsp_responder) return;
  for (const auto& authority : authorities_) {
    if (authority.parent && !authority.retired) own_->add_responder(authority.id, certify("ocsp-signing"), responders_);
  }
}

std::vector<Check> Daemon::checks() {
  return {{"start",
           [this]() -> Result<void> {
             if (started_) return {};
             return fail(ErrorCode::unavailable, "starting", "not serving yet; the log of this process says what it waits for");
           }},
          {"log",
           [this]() -> Result<void> {
             if (!started_ || definition_.log != Definition::Log::is_its_work) return {};
             return log_->takes_events();
           }},
          {"view " + definition_.name(), [this] { return view_check(); }},
          {"own certificates", [this]() -> Result<void> {
             const std::lock_guard lock(mutex_);
             if (!own_) return {};
             for (const auto& check : own_->checks()) {
               if (auto holds = check.holds(); !holds) return holds;
             }
             return {};
           }}};
}

std::string Daemon::warnings() const {
  const std::lock_guard lock(mutex_);
  return warning_lines(&expiries_, clocks_.get());
}

Result<void> Daemon::view_check() const {
  const std::lock_guard lock(mutex_);
  if (!seen_) return fail(ErrorCode::unavailable, "view-missing", "not read yet");
  const Instant now = clock_.now();
  Result<void> readable;
  if (!seen_->meta) readable = forward(seen_->meta);
  if (now - seen_->at > kLookMissed) readable = fail(ErrorCode::unavailable, "view-stale", "no answer from Redis");
  if (!readable && (!started_ || definition_.without_view == Definition::WithoutView::not_ready)) return readable;
  if (!last_good_) return readable;
  // As old as it was then, and as that is now.
  views::Meta known = *last_good_->meta;
  known.read_at = known.read_at + (now - last_good_->at);
  if (auto complete = site_->view().require(known, definition_.view); !complete) return complete;
  if (definition_.without_view == Definition::WithoutView::ready) return {};
  if (auto fresh = views::require_fresh(known, configuration_.of<SharedSettings>().ocsp_stale_limit); !fresh) return forward(fresh);
  return {};
}

async::Task<void> Daemon::watch_view() {
  for (;;) {
    auto meta = co_await site_->view().meta();
    if (meta && started_) highest_seen_->note(meta->anchor);
    {
      const std::lock_guard lock(mutex_);
      seen_.emplace(Seen{std::move(meta), clock_.now()});
      if (seen_->meta) last_good_ = seen_;
    }
    (void)co_await pools_->files.run([seen = highest_seen_.get()] {
      seen->write();
      return true;
    });
    co_await async::sleep_for(kLookInterval);
  }
}

}  // namespace quicklime::runtime
